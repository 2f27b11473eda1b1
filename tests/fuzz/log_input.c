/*
 * log_input.c - a whole file, packed, damaged, and delivered in pieces.
 *
 * The first line of an input says how: "xz 7" packs the rest with xz and delivers 7
 * bytes at a time; "gzip 100 cut 20" leaves out the last 20 bytes, "zstd 1 flip 33"
 * turns a bit of byte 33 around.  The second line holds options of `contend replay`,
 * the log follows.
 *
 * From a file and from a pipe, in whatever pieces, the same log is read; undamaged, it
 * has the events that the lines of the text have.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fuzz/log_options.h"
#include "tests/fuzz/pack.h"

struct recipe {
    char how[16], damage[8];
    unsigned piece, place;
};

/* A log, and what log_read() answered. */
struct reading {
    struct log log;
    int error;
};

static void read_log(struct reading *r, const char *name, const struct log_words *words)
{
    const struct log_options options = { .parse = words->options.parse };

    log_init(&r->log);
    r->error = log_read(&r->log, &name, 1, &options);
    FUZZ_CHECK(r->error != -ENOMEM && (!r->error || r->log.message[0]));
}

static void read_file(struct reading *r, const char *bytes, size_t size,
                      const struct log_words *words)
{
    char name[FUZZ_NAME];
    int fd = fuzz_file(bytes, size, name);

    read_log(r, name, words);
    close(fd);
}

/* A pipe of packets: each read() gets one piece, however many wait. */
static void read_pieces(struct reading *r, const char *bytes, size_t size, unsigned piece,
                        const struct log_words *words)
{
    enum { PACKETS = 240, PACKET = 4096 }; /* one takes a page of the pipe, which has 256 then */
    size_t least = size / PACKETS + 1, each = piece > least ? piece : least;
    char name[FUZZ_NAME];
    int fds[2];

    each = each < PACKET ? each : PACKET;
    FUZZ_CHECK(pipe2(fds, O_DIRECT | O_CLOEXEC) == 0);
    FUZZ_CHECK(fcntl(fds[1], F_SETPIPE_SZ, 256 * PACKET) > 0);
    for (size_t at = 0; at < size; at += each) {
        size_t n = size - at < each ? size - at : each;
        FUZZ_CHECK(write(fds[1], bytes + at, n) == (ssize_t)n);
    }
    close(fds[1]);
    snprintf(name, sizeof name, "/proc/self/fd/%d", fds[0]);
    read_log(r, name, words);
    close(fds[0]);
}

static void check_same_names(const struct names *a, const struct names *b)
{
    size_t n, m;

    FUZZ_CHECK(a->count == b->count);
    for (uint32_t i = 0; i < a->count; i++) {
        const char *x = names_text(a, i, &n), *y = names_text(b, i, &m);
        FUZZ_CHECK(n == m && memcmp(x, y, n) == 0);
    }
}

static void check_same(const struct reading *a, const struct reading *b)
{
    const struct log *x = &a->log, *y = &b->log;

    FUZZ_CHECK(a->error == b->error && x->count == y->count && x->lines == y->lines);
    FUZZ_CHECK(x->unreadable == y->unreadable && x->skipped == y->skipped);
    FUZZ_CHECK(x->backwards == y->backwards);
    for (size_t i = 0; i < x->count; i++)
        FUZZ_CHECK(memcmp(&x->events[i], &y->events[i], sizeof x->events[i]) == 0);
    check_same_names(&x->users, &y->users);
    check_same_names(&x->posts, &y->posts);
}

static void damage(const struct recipe *r, char *bytes, size_t *size)
{
    if (strcmp(r->damage, "cut") == 0)
        *size -= r->place < *size ? r->place : *size;
    else if (strcmp(r->damage, "flip") == 0 && *size)
        bytes[r->place % *size] ^= (char)(1 << r->place % 8);
}

/* Whether its records are lines without holes, and nothing takes it for packed. */
static bool is_plain(const uint8_t *text, size_t size)
{
    bool printable = size && text[0] >= ' ' && text[0] <= '~' && text[0] != 'B' && text[0] != 'P';

    char *string = fuzz_string(text, size);
    bool objects = log_input_has_objects(string);

    free(string);
    return printable && !memchr(text, '\0', size) && !objects;
}

/* A line of the text, which '\n' ends, or '\r', or both; *rest is what follows it. */
static struct span cut_line(const uint8_t *text, const uint8_t *end, const uint8_t **rest)
{
    size_t length = fuzz_first_line(text, (size_t)(end - text), rest);
    const uint8_t *cr = length ? memchr(text, '\r', length) : NULL;

    if (cr) {
        length = (size_t)(cr - text);
        *rest = cr + 1 == end || cr[1] != '\n' ? cr + 1 : cr + 2;
    }
    return (struct span){ (const char *)text, length };
}

/*
 * The lines of the text, cut by hand and without a file.  Whether they can be compared: no
 * record has several.
 */
static bool read_text(struct reading *r, const uint8_t *text, size_t size,
                      const struct log_words *words)
{
    enum { FIRST = 100 };
    const uint8_t *end = text + size, *at = text;
    struct span first[FIRST];
    struct log_parser *parser;
    const char *why;
    struct log_fields f;
    size_t count = 0;
    int result = 0;

    log_init(&r->log);
    if (log_parser_new(&parser, &words->options.parse, NULL) != 0)
        return false;
    log_parser_begin(parser);
    while (at != end && count < FIRST)
        first[count++] = cut_line(at, end, &at);
    bool comparable = log_parser_look(parser, first, count, &why) == 0;
    while (comparable && text != end) {
        struct span line = cut_line(text, end, &text);
        r->log.lines++;
        result = log_parse(parser, line.text, line.length, &f);
        r->log.unreadable += result == -EINVAL;
        r->log.skipped += result == 1;
        FUZZ_CHECK(result != 0 || log_append(&r->log, &f) == 0);
        comparable = result != LOG_MORE;
    }
    r->error = r->log.count ? 0 : -ENODATA;
    log_parser_free(parser);
    return comparable;
}

static void try_recipe(const struct recipe *r, const struct log_words *words, const uint8_t *text,
                       size_t size)
{
    size_t packed;
    char *bytes = pack(r->how, text, size, &packed);
    struct reading file, pieces, plain;

    if (!bytes)
        return;
    damage(r, bytes, &packed);
    read_file(&file, bytes, packed, words);
    read_pieces(&pieces, bytes, packed, r->piece, words);
    check_same(&file, &pieces);
    if (!r->damage[0] && is_plain(text, size)) {
        if (read_text(&plain, text, size, words))
            check_same(&file, &plain);
        log_free(&plain.log);
    }
    log_free(&pieces.log);
    log_free(&file.log);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = data + size, *rest;
    size_t length = fuzz_first_line(data, size, &rest);
    char *line = fuzz_string(data, length);
    struct recipe r = { .damage = "" };
    struct log_words words;
    int fields = sscanf(line, "%15s %5u %7s %5u", r.how, &r.piece, r.damage, &r.place);

    free(line);
    if (fields < 2)
        return 0;
    if (log_words_parse(&words, rest, (size_t)(end - rest), &rest))
        try_recipe(&r, &words, rest, (size_t)(end - rest));
    log_words_free(&words);
    return 0;
}
