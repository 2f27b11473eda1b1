/*
 * serve_matches.c - If-None-Match: the first line names the tag that there is, and what follows is the header.
 *
 * Whether the header names the tag is found once more by a machine that takes one byte after the other and looks
 * nowhere ahead or back, and so shares nothing with the reading of the service.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bench/serve/request.h"
#include "tests/fuzz/fuzz.h"

enum { TAG = 48 };

/* What the machine has just read: nothing of a tag, the W of a weak one, its slash, or a part of the tag. */
enum at { BETWEEN, WEAK, SLASH, INSIDE };

/* Whether one of the tags that the header begins with is that one; what follows it is not looked at. */
static bool names(const char *header, const char *tag)
{
    enum at at = BETWEEN;
    const char *same = NULL; /* where the tag goes on if all so far is the same; NULL: it is another one */

    if (strcmp(header, "*") == 0)
        return true;
    for (const char *c = header; *c; c++) {
        if (at == INSIDE) {
            same = same && *same == *c ? same + 1 : NULL;
            if (*c == '"' && same && !*same)
                return true;
            at = *c == '"' ? BETWEEN : INSIDE;
        } else if (*c == '"') {
            at = INSIDE;
            same = tag + 1;
        } else if (at == BETWEEN && *c == 'W') {
            at = WEAK;
        } else if (at == WEAK && *c == '/') {
            at = SLASH;
        } else if (at != BETWEEN || !strchr(" \t,", *c)) {
            return false; /* no list of tags: it names none behind this byte */
        }
        if (at == WEAK && c[1] == '"')
            return false; /* a W alone makes no tag weak */
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *rest;
    size_t length = fuzz_first_line(data, size, &rest), used = 1;
    char *header = fuzz_string(rest, (size_t)(data + size - rest)), tag[TAG] = "\"";

    /* As the service writes its tags: digits and dots between two marks. */
    for (size_t i = 0; i < length && used < TAG - 2; i++)
        if (isdigit(data[i]) || data[i] == '.')
            tag[used++] = (char)data[i];
    tag[used] = '"';
    const struct serve_request q = { .if_none_match = header };
    FUZZ_CHECK(request_knows(&q, tag) == names(header, tag));
    free(header);
    return 0;
}
