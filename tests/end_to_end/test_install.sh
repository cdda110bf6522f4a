#!/usr/bin/env bash
# An installed tessera is found by CMake, and programs of ten lines outside the repository build against it and run.
# The program alone needs neither Boost nor the benchmarks, and none of the tests' targets.
source "$2/tests/end_to_end/support.sh"
build=$(dirname "$(dirname "$program")")
compiler=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")

cmake --install "$build" --prefix "$work/prefix" >install.log || fail "cmake --install: $(tail -3 install.log)"
"$work/prefix/bin/tessera" --version | grep -q '^tessera ' || fail "the installed program does not run"
for folder in src kernels io; do
  here=$(cd "$source_dir" && find "$folder" -name '*.hpp' | wc -l)
  there=$(cd "$work/prefix/include/tessera" && find "$folder" -name '*.hpp' ! -name version.hpp | wc -l)
  [[ $here == "$there" ]] || fail "$folder has $here headers, $there are installed"
done
if grep -rq "$source_dir" "$work/prefix/lib/cmake"; then fail "the package names the source folder"; fi

cp -r "$source_dir/tests/consumer" consumer
cmake -S consumer -B consumer/build -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_CXX_COMPILER="$compiler" >consumer.log ||
  fail "configuring the consumer: $(tail -5 consumer.log)"
cmake --build consumer/build >>consumer.log || fail "building the consumer: $(tail -5 consumer.log)"
[[ $(consumer/build/probe) == "1000.000000 electrons" ]] || fail "the consumer's probe: $(consumer/build/probe)"
diff <(consumer/build/keys) <("$program" manual) || fail "the consumer's manual differs"

cmake -S "$source_dir" -B program -G Ninja -DBUILD_TESTING=OFF -DCMAKE_DISABLE_FIND_PACKAGE_Boost=ON \
  -DCMAKE_DISABLE_FIND_PACKAGE_benchmark=ON -DCMAKE_CXX_COMPILER="$compiler" --no-warn-unused-cli >program.log 2>&1 ||
  fail "configuring the program alone: $(tail -5 program.log)"
if ninja -C program -t targets all | grep -q '^tests/'; then fail "the program alone builds tests"; fi
