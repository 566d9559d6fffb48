# Sourced by Spark's launcher. Spark needs the vector module and the JVM has no switch for the warning it prints about it.
exec 2> >(exec grep --line-buffered -v '^WARNING: Using incubator modules: jdk.incubator.vector$' >&2)
