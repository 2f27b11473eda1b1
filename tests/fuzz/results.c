/*
 * results.c - two results files of any shape, as `contend compare` takes them.
 *
 * An input is the two files, with a line "---" between; one alone is compared with
 * itself, and then nothing became slower.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/tool/commands.h"
#include "tests/fuzz/fuzz.h"

/* What `contend compare OPTION... A B` came to. */
struct outcome {
    int status;
    unsigned faster, slower; /* the counts of its last line */
};

static struct outcome compare(char *const *options, char *a, char *b)
{
    static char command[] = "compare";
    char *argv[8] = { command }, *text = NULL;
    struct outcome o = { .status = 0 };
    FILE *before = stdout;
    size_t size = 0;
    int argc = 1;

    for (; *options; options++)
        argv[argc++] = *options;
    argv[argc++] = a;
    argv[argc++] = b;
    fuzz_reset_getopt();
    stdout = open_memstream(&text, &size);
    FUZZ_CHECK(stdout != NULL);
    o.status = command_compare(argc, argv);
    FUZZ_CHECK(fclose(stdout) == 0);
    stdout = before;
    if (o.status != 2) {
        static const char last[] = "; B is faster ";
        const char *line = NULL;
        for (char *at = text; (at = strstr(at, last)); at++)
            line = at;
        FUZZ_CHECK(line);
        FUZZ_CHECK(sscanf(line, "; B is faster %ux, slower %ux", &o.faster, &o.slower) == 2);
    }
    free(text);
    return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char by_rate[] = "--by=rate", gate[] = "--fail-if-slower", json[] = "--json=/dev/null";
    static char *const plain[] = { json, NULL }, *const strict[] = { by_rate, gate, NULL };
    size_t second, first = fuzz_two_files(data, size, &second);
    char a[FUZZ_NAME], b[FUZZ_NAME];
    int files[2] = { fuzz_file(data, first, a), fuzz_file(data + second, size - second, b) };
    struct outcome o = compare(plain, a, b);

    FUZZ_CHECK(o.status == 0 || o.status == 2);
    FUZZ_CHECK(second > 0 || (o.faster == 0 && o.slower == 0));
    if (o.status == 0) {
        o = compare(strict, a, b);
        FUZZ_CHECK(o.status == 1 || (o.status == 0 && o.slower == 0));
        FUZZ_CHECK(second > 0 || o.slower == 0);
    }
    close(files[0]);
    close(files[1]);
    return 0;
}
