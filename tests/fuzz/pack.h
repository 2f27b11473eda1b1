/*
 * pack.h - packs text as log files are packed.
 */
#ifndef CONTEND_TESTS_FUZZ_PACK_H
#define CONTEND_TESTS_FUZZ_PACK_H

#include <stddef.h>

/*
 * "none", "gzip", "members" (two of gzip, one behind the other), "bzip2", "xz", "zstd"
 * or "lz4".  free() it; NULL for any other name, and for no text: libarchive's writer
 * of lz4 crashes then.
 */
char *pack(const char *how, const void *text, size_t size, size_t *packed);

#endif
