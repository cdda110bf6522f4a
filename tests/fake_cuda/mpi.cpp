// MPI's calls that the program gives a device's memory to, in front of MPI's own (PMPI). As CUDA knows nothing of
// messages and MPI nothing of streams, only the host keeps them apart: what a stream may still write must have been
// waited for before MPI is given it, and nobody may touch what MPI has until it is done.
#include <mpi.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>

#include "runtime.hpp"

namespace tessera::fake {

namespace {

constexpr int fresh = 0xFF;

/// A message from or to device memory, which crosses through the host's.
struct Message {
  bool sends = false;
  std::byte* device = nullptr;
  std::vector<std::byte> host = {};  ///< what MPI sends, or fills
  std::vector<std::byte> was = {};   ///< what the device's memory held when MPI was given it
};

/// Those that are not done.
std::map<MPI_Request, Message>& messages() {
  static std::map<MPI_Request, Message> all;
  return all;
}

/// Copies between the host and a device's memory, beside all streams.
void copy(Runtime& runtime, std::byte* to, const std::byte* from, std::size_t bytes, const std::byte* device) {
  runtime.memory.open_block(device);
  std::memcpy(to, from, bytes);
  runtime.memory.close();
}

void check_waited_for(Runtime& runtime, const Block& block, const Range& range, const char* call) {
  std::string use = runtime.use_in_flight(block, range);
  // What a kernel touches is not known without a trace: all that this thread gave before must be done.
  if (use.empty() && !range.write)
    for (const auto& [stream, count] : thread_state().kernels)
      if (!before({stream, count}, runtime.host)) use = "a kernel on " + Runtime::name_of(stream);
  if (!use.empty())
    runtime.fault(std::string(call) + " is given " + runtime.memory.describe(range.begin) +
                  " before the host has waited for " + use);
}

/// The message, where it is in device memory that MPI takes.
std::optional<Message> begun(void* buffer, int count, MPI_Datatype type, bool sends) {
  int each = 0;
  PMPI_Type_size(type, &each);
  const std::size_t bytes = static_cast<std::size_t>(count) * static_cast<std::size_t>(each);
  Runtime& runtime = Runtime::get();
  const Lock lock(Runtime::mutex);
  const Block* const block = runtime.memory.find(buffer);
  if (block == nullptr || block->kind != BlockKind::device || runtime.settings.mpi == GpuMpi::none) return std::nullopt;
  const char* const call = sends ? "MPI_Isend" : "MPI_Irecv";
  auto* const device = static_cast<std::byte*>(buffer);
  check_waited_for(runtime, *block, {device, bytes, !sends}, call);
  Message message{.sends = sends, .device = device, .host = std::vector<std::byte>(bytes, std::byte{fresh})};
  // What is read before it has arrived is no number.
  if (!sends) copy(runtime, device, message.host.data(), bytes, device);
  message.was.resize(bytes);
  copy(runtime, message.was.data(), device, bytes, device);
  if (sends) message.host = message.was;
  if (sends) ++runtime.counters.messages;
  return message;
}

void kept(MPI_Request request, Message message) {
  const Lock lock(Runtime::mutex);
  messages()[request] = std::move(message);
}

/// MPI is done with these requests.
void done(const std::vector<MPI_Request>& requests) {
  Runtime& runtime = Runtime::get();
  const Lock lock(Runtime::mutex);
  for (const MPI_Request request : requests) {
    const auto found = messages().find(request);
    if (found == messages().end()) continue;
    Message& message = found->second;
    const std::string where = runtime.memory.describe(message.device);
    const char* const call = message.sends ? "MPI_Isend" : "MPI_Irecv";
    if (runtime.memory.find(message.device) == nullptr) {
      runtime.fault(where + " was freed while " + call + " had it");
    } else {
      std::vector<std::byte> now(message.was.size());
      copy(runtime, now.data(), message.device, now.size(), message.device);
      if (now != message.was) runtime.fault(where + " was written to while " + call + " had it");
      if (!message.sends && runtime.settings.mpi == GpuMpi::loses)
        std::fill_n(message.host.begin(), std::min<std::size_t>(8, message.host.size()), std::byte{0});
      if (!message.sends) copy(runtime, message.device, message.host.data(), message.host.size(), message.device);
    }
    messages().erase(found);
  }
}

}  // namespace
}  // namespace tessera::fake

using namespace tessera::fake;

extern "C" {

int MPIX_Query_cuda_support() {
  const Lock lock(Runtime::mutex);
  const GpuMpi mpi = Runtime::get().settings.mpi;
  return mpi == GpuMpi::none || mpi == GpuMpi::silent ? 0 : 1;
}

int MPI_Isend(const void* buf, int count, MPI_Datatype datatype, int dest, int tag, MPI_Comm comm,
              MPI_Request* request) {
  auto message = begun(const_cast<void*>(buf), count, datatype, true);
  if (message && Runtime::get().settings.mpi == GpuMpi::refuses) return MPI_ERR_BUFFER;
  const int code = PMPI_Isend(message ? message->host.data() : buf, count, datatype, dest, tag, comm, request);
  if (message && code == MPI_SUCCESS) kept(*request, std::move(*message));
  return code;
}

int MPI_Irecv(void* buf, int count, MPI_Datatype datatype, int source, int tag, MPI_Comm comm, MPI_Request* request) {
  auto message = begun(buf, count, datatype, false);
  const int code = PMPI_Irecv(message ? message->host.data() : buf, count, datatype, source, tag, comm, request);
  if (message && code == MPI_SUCCESS) kept(*request, std::move(*message));
  return code;
}

int MPI_Waitall(int count, MPI_Request array_of_requests[], MPI_Status* array_of_statuses) {
  const std::vector<MPI_Request> requests(array_of_requests, array_of_requests + count);
  const int code = PMPI_Waitall(count, array_of_requests, array_of_statuses);
  done(requests);
  return code;
}

int MPI_Testall(int count, MPI_Request array_of_requests[], int* flag, MPI_Status array_of_statuses[]) {
  const std::vector<MPI_Request> requests(array_of_requests, array_of_requests + count);
  const int code = PMPI_Testall(count, array_of_requests, flag, array_of_statuses);
  if (*flag != 0) done(requests);
  return code;
}
}
