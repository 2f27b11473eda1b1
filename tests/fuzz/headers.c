/*
 * headers.c - headers as `contend lift --from=DIR` reads them, for what they include.
 *
 * An input is the headers a.h and b.h of a folder, with a line "---" between.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/tool/headers.h"
#include "tests/fuzz/fuzz.h"

static char folder[] = "/tmp/contend-fuzz.XXXXXX";

static void write_header(const char *name, const uint8_t *text, size_t size)
{
    char *path = headers_path(folder, name);
    FILE *f = fopen(path, "we");

    FUZZ_CHECK(f && fwrite(text, 1, size, f) == size && fclose(f) == 0);
    free(path);
}

static void remove_folder(void)
{
    char *a = headers_path(folder, "a.h"), *b = headers_path(folder, "b.h");

    unlink(a);
    unlink(b);
    rmdir(folder);
    free(a);
    free(b);
}

static void make_folder(void)
{
    static int made;

    if (made++)
        return;
    FUZZ_CHECK(mkdtemp(folder) != NULL);
    atexit(remove_folder);
}

/* Only a.h and b.h are there, so they are all that can be needed. */
static void check(const struct headers *h)
{
    FUZZ_CHECK(h->count >= 1 && strcmp(h->names[0], "a.h") == 0);
    for (unsigned i = 0; i < h->count; i++) {
        /* "./b.h" and "//b.h" are other names of it. */
        FUZZ_CHECK(h->names[i][0] != '/' && !strstr(h->names[i], ".."));
        for (unsigned k = 0; k < i; k++)
            FUZZ_CHECK(strcmp(h->names[i], h->names[k]) != 0);
    }
    FUZZ_CHECK(h->packages < 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t second, first = fuzz_two_files(data, size, &second);
    struct headers h;

    make_folder();
    write_header("a.h", data, first);
    write_header("b.h", data + second, size - second);
    if (headers_needed(&h, folder, "a.h", "mutex") == 0) {
        check(&h);
        headers_free(&h);
    }
    return 0;
}
