#include "runtime.hpp"

using namespace tessera::fake;

namespace {

constexpr std::uintptr_t event_handles = 0x20000000;

cudaEvent_t handle_of_event(std::size_t id) { return reinterpret_cast<cudaEvent_t>(event_handles + id); }
std::size_t id_of(cudaEvent_t event) { return reinterpret_cast<std::uintptr_t>(event) - event_handles; }

using OnStream = std::function<cudaError_t(Runtime&, Lock&, Stream&)>;
using OnEvent = std::function<cudaError_t(Runtime&, Lock&, Event&)>;

/// A call that is about an existing stream.
cudaError_t call_on(const char* name, cudaStream_t handle, const OnStream& body) {
  return call(name, [&](Runtime& runtime, Lock& lock) {
    Stream* const stream = runtime.find_stream(handle);
    if (stream != nullptr) return body(runtime, lock, *stream);
    runtime.fault(std::string(name) + " is given a stream that does not exist");
    return cudaErrorInvalidResourceHandle;
  });
}

cudaError_t call_on(const char* name, cudaEvent_t handle, const OnEvent& body) {
  return call(name, [&](Runtime& runtime, Lock& lock) {
    const auto found = runtime.events.find(id_of(handle));
    if (found != runtime.events.end()) return body(runtime, lock, found->second);
    runtime.fault(std::string(name) + " is given an event that does not exist");
    return cudaErrorInvalidResourceHandle;
  });
}

}  // namespace

cudaError_t cudaStreamCreate(cudaStream_t* pStream) { return cudaStreamCreateWithFlags(pStream, cudaStreamDefault); }

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* pStream, unsigned int flags) {
  const auto body = [&](Runtime& runtime, Lock&) {
    *pStream = Runtime::handle_of(runtime.create_stream(thread_state().device, flags != cudaStreamNonBlocking));
    return cudaSuccess;
  };
  return call("cudaStreamCreate", body, true);
}

cudaError_t cudaStreamDestroy(cudaStream_t handle) {
  return call_on("cudaStreamDestroy", handle, [&](Runtime& runtime, Lock&, Stream& stream) {
    if (stream.id == static_cast<std::size_t>(stream.device)) return cudaErrorInvalidResourceHandle;
    stream.destroyed = true;  // its work still runs
    runtime.learn({});
    return cudaSuccess;
  });
}

cudaError_t cudaStreamSynchronize(cudaStream_t handle) {
  return call_on("cudaStreamSynchronize", handle, [](Runtime& runtime, Lock& lock, Stream& stream) {
    runtime.wait_for_stream(lock, stream);
    return cudaSuccess;
  });
}

cudaError_t cudaStreamQuery(cudaStream_t handle) {
  return call_on("cudaStreamQuery", handle, [](Runtime& runtime, Lock& lock, Stream& stream) {
    const Moment last{stream.id, stream.enqueued};
    const Clock clock = stream.clock;
    runtime.progress(lock);
    if (!runtime.finished(last)) return cudaErrorNotReady;
    runtime.learn(clock);
    return cudaSuccess;
  });
}

cudaError_t cudaLaunchHostFunc(cudaStream_t handle, cudaHostFn_t fn, void* userData) {
  return call_on("cudaLaunchHostFunc", handle, [&](Runtime& runtime, Lock& lock, Stream& stream) {
    runtime.submit(lock, stream, {.what = "a host function", .run = [=] { fn(userData); }, .host_function = true});
    return cudaSuccess;
  });
}

cudaError_t cudaStreamWaitEvent(cudaStream_t handle, cudaEvent_t event, unsigned int) {
  return call_on("cudaStreamWaitEvent", event, [&](Runtime& runtime, Lock& lock, Event& found) {
    Stream* const stream = runtime.find_stream(handle);
    if (stream == nullptr) return cudaErrorInvalidResourceHandle;
    if (found.recorded)
      runtime.submit(lock, *stream, {.what = "a wait for an event", .after = {found.moment}, .known = found.clock});
    return cudaSuccess;
  });
}

cudaError_t cudaEventCreate(cudaEvent_t* event) { return cudaEventCreateWithFlags(event, cudaEventDefault); }

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned int flags) {
  const auto body = [&](Runtime& runtime, Lock&) {
    const std::size_t id = Runtime::next_id++;
    runtime.events.emplace(id, Event{.timed = (flags & cudaEventDisableTiming) == 0});
    *event = handle_of_event(id);
    return cudaSuccess;
  };
  return call("cudaEventCreate", body, true);
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t handle) {
  return call_on("cudaEventRecord", event, [&](Runtime& runtime, Lock& lock, Event& found) {
    Stream* const stream = runtime.find_stream(handle);
    if (stream == nullptr) return cudaErrorInvalidResourceHandle;
    found.recorded = true;
    found.moment = {stream->id, stream->enqueued + 1};
    const auto stamp = [id = id_of(event), &runtime] {
      const auto still = runtime.events.find(id);
      if (still != runtime.events.end()) still->second.time = std::chrono::steady_clock::now();
    };
    runtime.submit(lock, *stream, {.what = "an event", .run = stamp});
    found.clock = stream->clock;
    return cudaSuccess;
  });
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return call_on("cudaEventSynchronize", event, [](Runtime& runtime, Lock& lock, Event& found) {
    ++runtime.counters.synchronisations;
    if (found.recorded) runtime.wait(lock, Moment(found.moment), Clock(found.clock));
    return cudaSuccess;
  });
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  return call_on("cudaEventQuery", event, [](Runtime& runtime, Lock& lock, Event& found) {
    if (!found.recorded) return cudaSuccess;
    const Event then = found;
    runtime.progress(lock);
    if (!runtime.finished(then.moment)) return cudaErrorNotReady;
    runtime.learn(then.clock);
    return cudaSuccess;
  });
}

cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t start, cudaEvent_t end) {
  return call_on("cudaEventElapsedTime", start, [&](Runtime& runtime, Lock&, Event& first) {
    const auto last = runtime.events.find(id_of(end));
    if (last == runtime.events.end()) return cudaErrorInvalidResourceHandle;
    const Event& second = last->second;
    if (!first.timed || !second.timed || !first.recorded || !second.recorded) return cudaErrorInvalidResourceHandle;
    if (!runtime.finished(first.moment) || !runtime.finished(second.moment)) return cudaErrorNotReady;
    *ms = std::chrono::duration<float, std::milli>(second.time - first.time).count();
    return cudaSuccess;
  });
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return call_on("cudaEventDestroy", event, [&](Runtime& runtime, Lock&, Event&) {
    runtime.events.erase(id_of(event));
    return cudaSuccess;
  });
}
