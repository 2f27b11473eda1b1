/*
 * fuzz.h - what the fuzz targets share.
 *
 * A target is one file that defines LLVMFuzzerTestOneInput(): it feeds any bytes to
 * a parser and checks what must hold for all of them.  With Clang, libFuzzer calls
 * it (fuzz.py); everywhere, driver.c calls it with the corpus and mutations of it.
 * One thread.
 */
#ifndef CONTEND_TESTS_FUZZ_FUZZ_H
#define CONTEND_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Called once, before the first input: what parsers print goes nowhere from here on. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold for every input: otherwise says so on descriptor 2 and aborts. */
#define FUZZ_CHECK(condition) \
    ((condition) ? (void)0 : fuzz_failed(#condition, __FILE__, __LINE__))
_Noreturn void fuzz_failed(const char *condition, const char *file, int line);

/*
 * A copy that is exactly as long as it must be, so that reading past its end is seen;
 * free() it.  Memory is taken for granted, as everywhere in the targets.
 */
char *fuzz_copy(const void *bytes, size_t size);
/* The same as a string: it ends before the first zero byte. */
char *fuzz_string(const void *bytes, size_t size);

/* Cuts off the first line, without its '\n': its length.  *rest is behind it. */
size_t fuzz_first_line(const uint8_t *data, size_t size, const uint8_t **rest);

/*
 * Two files in one input, with a line "---" between: the size of the first; the second
 * begins at *second.  Without such a line both are the whole input.
 */
size_t fuzz_two_files(const uint8_t *data, size_t size, size_t *second);

/*
 * Cuts text at blanks and line ends into argv[from] and so on, ended by NULL; argv has
 * FUZZ_WORDS + 1 places.  Returns argc.
 */
enum { FUZZ_WORDS = 127 };
int fuzz_words(char *text, char **argv, int from);

/* Before a parser that uses getopt: forgets where the last command line was left. */
void fuzz_reset_getopt(void);

/* A file in memory: its name goes into `name`.  close() it. */
enum { FUZZ_NAME = 32 };
int fuzz_file(const void *bytes, size_t size, char name[FUZZ_NAME]);

#endif
