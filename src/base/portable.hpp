#pragma once

/// Marks a function that both the host and a GPU compiler may call: the only file that knows which compiler runs.
#ifdef __CUDACC__
#define TESSERA_HD __host__ __device__
#else
#define TESSERA_HD
#endif
