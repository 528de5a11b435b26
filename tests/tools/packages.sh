# shellcheck shell=sh disable=SC2034
# The Debian 12 packages that ./dev installs. docs/dependencies.md gives the reason for each; a test
# holds the two together.

# To build and run hexmcp.
BUILD_PACKAGES="build-essential meson ninja-build pkg-config python3
    libuv1-dev libcjson-dev libpcre2-dev libsodium-dev libzstd-dev uuid-dev libssl-dev libmuparser-dev
    libutf8proc-dev libgit2-dev libglib2.0-dev tzdata libidn2-dev liburiparser-dev libmicrohttpd-dev
    libqrencode-dev libwslay-dev zlib1g-dev nettle-dev libarchive-dev
    libcurl4-gnutls-dev libseccomp-dev libsqlite3-dev libpq-dev libhiredis-dev"

# For the tools around heavy libraries and programs, on top of the above: ./dev test builds and tests all.
TOOL_PACKAGES="
    ffmpeg
    ghostscript
    jq
    libavcodec-dev
    libavformat-dev
    libcsv-dev
    libebur128-dev
    libfyaml-dev
    libjq-dev
    libmariadb-dev
    libmodest-dev
    libpoppler-glib-dev
    libpsl-dev
    libqpdf-dev
    libsamplerate0-dev
    libsndfile1-dev
    libswscale-dev
    libuchardet-dev
    libvips-dev
    libvips-tools
    libxlsxwriter-dev
    libxml2-dev
    libxml2-utils
    mariadb-server
    p7zip-full
    poppler-data
    poppler-utils
    qpdf
    zip
    zstd"

# To make packages of it, on top of the first.
PACKAGE_PACKAGES="patchelf"

# To test it, on top of the above.
TEST_PACKAGES="libcmocka-dev abigail-tools rustc g++ python3-venv ca-certificates nodejs npm clang libclang-rt-14-dev
    b3sum universal-ctags binutils strace lintian patch curl bash zsh fish mandoc chromium libjansson-dev
    libwebsockets-dev libwebsockets-evlib-uv postgresql-15 redis-server"

# To lint it, on top of both.
LINT_PACKAGES="clang-tidy shellcheck"
