#!/usr/bin/env bash
# Installs what is missing (or says what to load) and builds.
set -euo pipefail
exec "$(dirname "$0")/../../drivers/setup" build
