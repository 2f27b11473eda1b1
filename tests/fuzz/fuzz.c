/* fuzz.c - see fuzz.h. */
#include "tests/fuzz/fuzz.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    FILE *nowhere = fopen("/dev/null", "we");

    (void)argc, (void)argv;
    /* The streams, not the descriptors: sanitizers report on 2. */
    FUZZ_CHECK(nowhere != NULL);
    stdout = nowhere;
    stderr = nowhere;
    return 0;
}

void fuzz_failed(const char *condition, const char *file, int line)
{
    dprintf(STDERR_FILENO, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

char *fuzz_copy(const void *bytes, size_t size)
{
    char *copy = malloc(size ? size : 1);

    FUZZ_CHECK(copy != NULL);
    if (size)
        memcpy(copy, bytes, size);
    return copy;
}

char *fuzz_string(const void *bytes, size_t size)
{
    size_t length = size ? strnlen(bytes, size) : 0;
    char *copy = malloc(length + 1);

    FUZZ_CHECK(copy != NULL);
    if (length)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

size_t fuzz_first_line(const uint8_t *data, size_t size, const uint8_t **rest)
{
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;

    *rest = end ? end + 1 : data + size;
    return end ? (size_t)(end - data) : size;
}

size_t fuzz_two_files(const uint8_t *data, size_t size, size_t *second)
{
    static const char line[] = "\n---\n";
    const uint8_t *cut = size ? memmem(data, size, line, sizeof line - 1) : NULL;

    *second = cut ? (size_t)(cut - data) + sizeof line - 1 : 0;
    return cut ? (size_t)(cut - data) : size;
}

int fuzz_words(char *text, char **argv, int from)
{
    char *left = NULL;

    for (char *word = strtok_r(text, " \n", &left); word && from < FUZZ_WORDS;
         word = strtok_r(NULL, " \n", &left))
        argv[from++] = word;
    argv[from] = NULL;
    return from;
}

void fuzz_reset_getopt(void)
{
    char name[] = "", *argv[] = { name, NULL };

    optind = 0; /* glibc begins anew */
    FUZZ_CHECK(getopt(1, argv, "") == -1);
}

int fuzz_file(const void *bytes, size_t size, char name[FUZZ_NAME])
{
    int fd = memfd_create("input", MFD_CLOEXEC);

    FUZZ_CHECK(fd >= 0 && (!size || write(fd, bytes, size) == (ssize_t)size));
    snprintf(name, FUZZ_NAME, "/proc/self/fd/%d", fd);
    return fd;
}
