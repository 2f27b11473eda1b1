/*
 * serve_said.c - what programs say that the experiments have started: a service its address, any its last words,
 * wrk what it found.
 *
 * A slow reader finds the same.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/serve/labs/said.h"
#include "bench/serve/labs/site.h"
#include "tests/fuzz/fuzz.h"

/* Of all ports there are, the one whose address begins at `at`; 0: none. */
static unsigned port_at(const char *at)
{
    const char *colon = strchr(at, ':'), *slash;
    char *stop;

    for (const char *c = at; colon && c < colon; c++)
        if (!strchr("0123456789.", *c))
            return 0;
    slash = colon ? strchr(colon, '/') : NULL;
    if (!slash || slash == colon + 1)
        return 0;
    for (const char *c = colon + 1; c < slash; c++)
        if (*c < '0' || *c > '9')
            return 0;
    unsigned long port = strtoul(colon + 1, &stop, 10);
    return stop == slash && port <= 65535 ? (unsigned)port : 0;
}

static void check_port(const char *text)
{
    const char *at = strstr(text, "http://");
    unsigned port = said_port(text);

    FUZZ_CHECK(port <= 65535);
    FUZZ_CHECK(port == (at && strchr(at, '\n') ? port_at(at + 7) : 0));
}

static void check_last(const char *text)
{
    char out[24], again[24];
    const char *cut = strchr(text, '\r');
    size_t length = cut ? (size_t)(cut - text) : strlen(text);
    char *last = malloc(length + 1);
    size_t last_length = 0, before = 0;

    FUZZ_CHECK(last != NULL);
    said_last_line(text, out, sizeof out);
    for (size_t begin = 0, n; begin < length; begin += n + 1, before = n) {
        const char *end = memchr(text + begin, '\n', length - begin);
        const char *line = text + begin;
        n = end ? (size_t)(end - line) : length - begin;
        size_t blanks = 0;
        while (before && blanks < n && line[blanks] == ' ')
            blanks++;
        if (blanks)
            last[last_length++] = ' ';
        else if (n)
            last_length = 0;
        memcpy(last + last_length, line + blanks, n - blanks);
        last_length += n - blanks;
    }
    FUZZ_CHECK(strlen(out) == (last_length < sizeof out ? last_length : sizeof out - 1));
    FUZZ_CHECK(memcmp(out, last, strlen(out)) == 0);
    free(last);
    said_last_line(out, again, sizeof again);
    FUZZ_CHECK(strcmp(out, again) == 0);
}

static void check_json(const char *text)
{
    json_t *found = said_json(text, "\nJSON "), *again;

    if (!found)
        return;
    char *written = json_dumps(found, JSON_COMPACT | JSON_ENCODE_ANY);
    FUZZ_CHECK(json_is_object(found) && written != NULL && strstr(text, "\nJSON ") != NULL);
    again = json_loads(written, 0, NULL);
    FUZZ_CHECK(json_equal(found, again));
    FUZZ_CHECK(site_number(found, "requests") == site_number(again, "requests"));
    FUZZ_CHECK(site_number(found, "us") <= INT64_MAX);
    json_decref(again);
    json_decref(found);
    free(written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_string(data, size);

    check_port(text);
    check_last(text);
    check_json(text);
    free(text);
    return 0;
}
