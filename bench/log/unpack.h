/*
 * unpack.h - the bytes of a file or of standard input, unpacked as often as they were packed.
 *
 * What packed them is recognised by content, not by name: gzip, xz, bzip2, zstd, lz4, and the
 * members of zip and tar.  gzip goes through zlib, because libarchive does not compare its
 * checksum; the others go through libarchive.  What comes out is looked at again: a tar in a
 * gzip, a gzip in a zip.  UTF-16 that begins with a byte order mark becomes UTF-8, by iconv.
 */
#ifndef CONTEND_BENCH_LOG_UNPACK_H
#define CONTEND_BENCH_LOG_UNPACK_H

#include <stdint.h>
#include <sys/types.h>

/* Called about every 100 ms while there is nothing to read.  Not 0 = stop waiting. */
typedef int log_input_idle(void *context);

struct log_bytes;

/* 0, or a negative errno with *cause (valid while `bytes` is open, or constant). */
int log_bytes_open(struct log_bytes **bytes, const char *name, log_input_idle *idle,
                   void *context, const char **cause);
void log_bytes_close(struct log_bytes *bytes); /* NULL is fine */

/*
 * Begins the first or the next file in it: 1, 0 = there is no other, or a negative errno.  After
 * -EILSEQ, the next behind the damage: of a damaged file in an archive only that one is lost.
 */
int log_bytes_member(struct log_bytes *bytes, const char **cause);

/*
 * Bytes of the member, valid until the next call: how many, 0 at its end, or a negative errno.
 * The first are a whole line, or 64 KiB, or all that there are.
 */
ssize_t log_bytes_next(struct log_bytes *bytes, const char **block, const char **cause);

/* The member's name in its archive; "" = there is none.  Valid until the next member. */
const char *log_bytes_name(const struct log_bytes *bytes);

/* Bytes of the file (packed, if it is) read so far. */
uint64_t log_bytes_done(const struct log_bytes *bytes);

#endif
