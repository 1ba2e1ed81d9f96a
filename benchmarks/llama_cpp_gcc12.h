/* Included ahead of llama.cpp's files (-include): GCC 12's AMX intrinsics do not say which memory they read.

   Its _tile_loadconfig names 8 of the 64 bytes, its _tile_loadd none, so stores into them are dropped or moved behind:
   llama.cpp then crashes on its first tile, or multiplies what was not yet written
   (the same is seen in https://github.com/ggml-org/llama.cpp/pull/26954). */
#if defined(__AMX_TILE__) && defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
#include <immintrin.h>

static inline __attribute__((always_inline)) void ert_tile_loadconfig(const void *config) {
    __asm__ volatile("ldtilecfg\t%0" ::"m"(*(const char(*)[64])config) : "memory");
}

#define _tile_loadconfig ert_tile_loadconfig
#undef _tile_loadd
#define _tile_loadd(tile, base, stride) ert_tile_loadd(tile, base, stride)
#define ert_tile_loadd(tile, base, stride)                            \
    __asm__ volatile("tileloadd\t(%0,%1,1), %%tmm" #tile ::"r"((const void *)(base)), "r"((long)(stride)) : "memory")
#endif
