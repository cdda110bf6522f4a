// ranks: 1
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <cstdint>
#include <numeric>

#include "src/arrays/array.hpp"
#include "src/arrays/complex.hpp"
#include "tests/support/devices.hpp"

namespace tessera::testing {

namespace data = boost::unit_test::data;

namespace {

/// The signal that ends a child process which reads `address` directly, or 0 when it reads without harm.
int signal_of_reading(const double* address) {
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGSEGV, SIG_DFL);
    std::signal(SIGBUS, SIG_DFL);
    const double value = *static_cast<const volatile double*>(address);
    _exit(value == value ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

}  // namespace

// The larger one lies in huge pages.
BOOST_DATA_TEST_CASE(a_new_array_is_zero_and_aligned, data::make(devices) * data::make({Index{5}, Index{1} << 20}),
                     device, count) {
  const Array<double> array(device, count);
  BOOST_TEST(array.count() == count);
  BOOST_TEST(array.bytes() == static_cast<std::size_t>(count) * sizeof(double));
  BOOST_TEST((array.device() == device));
  BOOST_TEST((array.to_vector() == std::vector<double>(static_cast<std::size_t>(count), 0.0)));
  BOOST_TEST(reinterpret_cast<std::uintptr_t>(array.data()) % 64 == 0U);
}

BOOST_DATA_TEST_CASE(upload_and_download_copy_parts, data::make(devices), device) {
  std::vector<double> values(6);
  std::iota(values.begin(), values.end(), 1.0);
  Array<double> array = make_array(device, values);
  array.upload(std::vector<double>{-1, -2}, 3);
  std::vector<double> part(3);
  array.download(part, 2);
  BOOST_TEST(part == (std::vector<double>{3, -1, -2}), boost::test_tools::per_element());
  array.set_zero();
  BOOST_TEST(array.to_vector() == std::vector<double>(6, 0.0), boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(copies_beyond_the_end_are_our_bug, data::make(devices), device) {
  Array<double> array(device, 3);
  std::vector<double> values(2);
  BOOST_CHECK_THROW(array.upload(values, 2), Error);
  BOOST_CHECK_THROW(array.download(values, 2), Error);
  BOOST_CHECK_THROW(array.view(1, 2, 2), Error);
}

BOOST_DATA_TEST_CASE(moving_keeps_the_memory, data::make(devices), device) {
  Array<double> from = make_array(device, std::vector<double>{4, 5});
  const double* const address = from.data();
  const Array<double> to = std::move(from);
  BOOST_TEST((to.data() == address));
  BOOST_TEST(to.to_vector()[1] == 5.0);
}

BOOST_DATA_TEST_CASE(empty_arrays_are_harmless, data::make(devices), device) {
  Array<double> array(device, 0);
  array.upload({});
  array.set_zero();
  BOOST_TEST(array.to_vector().empty());
}

BOOST_AUTO_TEST_CASE(memory_that_the_host_lacks_is_a_bad_alloc) {
  BOOST_CHECK_EXCEPTION(
      Array<double>(DeviceKind::host, Index{1} << 56), std::bad_alloc, [](const std::bad_alloc& error) {
        return text_of(error) == fmt::format("{}; there was no room for 576460752303423488 bytes more", out_of_memory);
      });
}

BOOST_AUTO_TEST_CASE(debug_memory_is_protected_unless_an_access_is_open) {
  const Array<double> host = make_array(DeviceKind::host, std::vector<double>{1});
  const Array<double> debug = make_array(DeviceKind::debug, std::vector<double>{1});
  BOOST_TEST(signal_of_reading(host.data()) == 0);
  BOOST_TEST(signal_of_reading(debug.data()) == SIGSEGV);
  {
    const DeviceAccess access(DeviceKind::debug);
    const DeviceAccess nested(DeviceKind::debug);
    const Array<double> made_inside(DeviceKind::debug, 1);
    BOOST_TEST(signal_of_reading(debug.data()) == 0);
    BOOST_TEST(signal_of_reading(made_inside.data()) == 0);
  }
  BOOST_TEST(signal_of_reading(debug.data()) == SIGSEGV);
}

BOOST_AUTO_TEST_CASE(views_are_in_c_order_with_x_fastest) {
  std::vector<int> values(24);
  std::iota(values.begin(), values.end(), 0);
  const View3<int> view{values.data(), 2, 3, 4};
  BOOST_TEST(view.count() == 24);
  BOOST_TEST(view(1, 2, 3) == 23);
  BOOST_TEST(view(0, 1, 2) == 6);
  const View3<const int> second = view.part(1, 1);
  BOOST_TEST(second.n == 1);
  BOOST_TEST(second(0, 0, 1) == 13);
}

BOOST_AUTO_TEST_CASE(complex_arithmetic_is_that_of_the_standard_library) {
  const Complex<double> a{1, 2}, b{3, -4};
  const auto is = [](Complex<double> value, double re, double im) { return value.re == re && value.im == im; };
  BOOST_TEST(is(a + b, 4, -2));
  BOOST_TEST(is(a - b, -2, 6));
  BOOST_TEST(is(a * b, 11, 2));
  BOOST_TEST(is(2.0 * a, 2, 4));
  BOOST_TEST(is(conj(a), 1, -2));
  BOOST_TEST(norm(b) == 25);
}

}  // namespace tessera::testing
