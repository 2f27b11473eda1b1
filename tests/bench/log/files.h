/*
 * files.h - what the tests of reading logs share: texts, and one file to put them in.
 */
#ifndef CONTEND_TESTS_BENCH_LOG_FILES_H
#define CONTEND_TESTS_BENCH_LOG_FILES_H

#include "bench/log/input.h"
#include "tests/support/support.h"

/* A growing text; start from zeros, free `bytes`. */
struct text {
    char *bytes;
    size_t length, capacity;
};
void text_add(struct text *t, const void *bytes, size_t length);

/* Random lines without carriage returns; one in 50 may be up to `longest` bytes long. */
struct text text_random(uint64_t seed, unsigned lines, unsigned longest);

/* The file that every case may fill anew: set up and removed by the two that follow. */
extern char log_path[64];
int log_path_make(void **state);
int log_path_remove(void **state);

void log_file_write(const void *bytes, size_t length);
void log_file_pack(int filter, const struct text *t); /* by libarchive: ARCHIVE_FILTER_... */
/* Several texts in an archive: ARCHIVE_FORMAT_TAR, ARCHIVE_FORMAT_ZIP. */
void log_file_archive(int filter, int format, const struct text *members, size_t count);
struct text log_file_read(void);

/* A new pipe as standard input; the old one is put back by the second. */
int log_pipe_open(int *writing);
void log_pipe_close(int kept);

#endif
