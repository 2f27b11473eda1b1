/*
 * input.c - lines of files, packed and damaged ones, and of pipes.
 */
#include <archive.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/log/files.h"

/* All lines of a file, each followed by '\n'; a long one cut, and marked with '!'. */
static int read_lines(const char *name, struct text *out, char message[LOG_MESSAGE_SIZE])
{
    struct log_input *in;
    struct log_line line;
    uint64_t number = 0;
    int result = log_input_open(&in, name, NULL, NULL, message);

    out->length = 0;
    while (result >= 0 && (result = log_input_member(in, message)) == 1)
        while ((result = log_input_next(in, &line, message)) == 1) {
            assert_true(line.number >= number);
            number = line.number;
            text_add(out, line.text, line.length);
            text_add(out, line.too_long ? "!\n" : "\n", line.too_long ? 2 : 1);
        }
    log_input_close(in);
    return result;
}

static void expect_lines(const struct text *want)
{
    struct text got = { 0 };
    char message[LOG_MESSAGE_SIZE];

    assert_int_equal(read_lines(log_path, &got, message), 0);
    assert_int_equal(got.length, want->length);
    if (want->length)
        assert_memory_equal(got.bytes, want->bytes, want->length);
    free(got.bytes);
}

static void expect_lines_of(const char *bytes, size_t length, const char *want, size_t want_length)
{
    struct text t = { (char *)(uintptr_t)want, want_length, want_length };

    log_file_write(bytes, length);
    expect_lines(&t);
}

#define TEXT(text, want) expect_lines_of(text, sizeof(text) - 1, want, sizeof(want) - 1)

static void lines_end_in_many_ways(void **state)
{
    (void)state;
    expect_lines_of("", 0, "", 0);
    expect_lines_of("\n", 1, "\n", 1);
    expect_lines_of("a", 1, "a\n", 2);
    expect_lines_of("a\r\nb\r\n\r\nc\r", 10, "a\nb\n\nc\n", 7);
    expect_lines_of("a\0b\n\0\n", 6, "a\0b\n\n", 5);
    expect_lines_of("\xef\xbb\xbf" "a\nb", 6, "a\nb\n", 4);
    expect_lines_of("a\rb\n\rc\r\nd\r", 9, "a\nb\n\nc\nd\n", 9);
    expect_lines_of("\x1f", 1, "\x1f\n", 2);
}

/* However a line ends, also where one block of a file ends and the next begins. */
static void line_ends_may_be_mixed(void **state)
{
    static const char *const ends[] = { "\n", "\r\n", "\r" };
    struct support_random r = { support_seed() };
    struct text t = text_random(support_seed(), 20000, 300), mixed = { 0 };

    (void)state;
    for (const char *at = t.bytes; at < t.bytes + t.length; at++) {
        /* An empty line behind "\r" has no '\n': together they would be one end. */
        bool empty = at == t.bytes || at[-1] == '\n';
        const char *end = empty ? "\r" : ends[support_below(&r, 3)];
        text_add(&mixed, *at == '\n' ? end : at, *at == '\n' ? strlen(end) : 1);
    }
    log_file_write(mixed.bytes, mixed.length);
    expect_lines(&t);
    free(mixed.bytes);
    free(t.bytes);
}

/* What the kubelet cut is joined within its stream; blank lines keep the numbers of the others. */
static void parts_of_a_line_are_joined(void **state)
{
    struct text t = { 0 }, want = { 0 };
    char *part = malloc(LOG_LINE_MAX + 1);

    (void)state;
    TEXT("1 stdout P ab\n2 stdout F cd\nx\n", "1 stdout F abcd\n           \nx\n");
    TEXT("1 stdout P a\n2 stderr F e\n3 stdout P b\n4 stderr P g\n5 stdout F c\n6 stderr F h\n",
            "1 stdout F abc\n2 stderr F e\n           \n4 stderr F gh\n           \n           \n");
    TEXT("1 stdout P a\nx\n2 stdout F b\n", "1 stdout P a\nx\n2 stdout F b\n");
    TEXT("1 stdout P a\n2 stderr F b\n", "1 stdout P a\n2 stderr F b\n");
    memset(part, 'x', LOG_LINE_MAX);
    for (size_t size = 300000; size <= LOG_LINE_MAX; size += LOG_LINE_MAX - 300000) {
        bool cut = size == LOG_LINE_MAX; /* 300,000: longer than a block */
        t.length = want.length = 0;
        text_add(&t, "1 stdout P ", 11);
        text_add(&t, part, size);
        text_add(&t, "\n2 stdout F y\n", 14);
        text_add(&want, "1 stdout F ", 11);
        text_add(&want, part, cut ? size - 11 : size);
        text_add(&want, cut ? "!\n           \n" : "y\n           \n", 14);
        log_file_write(t.bytes, t.length);
        expect_lines(&want);
    }
    free(part);
    free(t.bytes);
    free(want.bytes);
}

/* A Mac's lines, and the hole that truncating a log that is being written leaves. */
static void odd_texts_become_lines(void **state)
{
    struct text hole = { 0 }, want = { (char[]){ "a\nb\n" }, 4, 4 };
    char *zeros = calloc(1, LOG_LINE_MAX + 5);

    (void)state;
    expect_lines_of("a\rb\r", 4, "a\nb\n", 4);
    expect_lines_of("a\r\rb", 4, "a\n\nb\n", 5);
    text_add(&hole, zeros, LOG_LINE_MAX + 5);
    text_add(&hole, "a\n\0\0b\n", 6);
    log_file_write(hole.bytes, hole.length);
    expect_lines(&want);
    expect_lines_of("a\0\0b\n\0\0", 7, "a\nb\n", 4);
    hole.length = 0; /* within a line, and longer than a block */
    text_add(&hole, "a", 1);
    text_add(&hole, zeros, LOG_LINE_MAX + 5);
    text_add(&hole, "b", 1);
    log_file_write(hole.bytes, hole.length);
    expect_lines(&want);
    free(zeros);
    free(hole.bytes);
}

static void wide_characters_become_utf8(void **state)
{
    (void)state;
    expect_lines_of("\xff\xfe" "a\0\r\0\n\0\xe9\0\n\0", 12, "a\n\xc3\xa9\n", 5);
    expect_lines_of("\xfe\xff\0a\0\n\x20\xac\xd8\x3d\xde\x00", 12,
                    "a\n\xe2\x82\xac\xf0\x9f\x98\x80\n", 10);
    expect_lines_of("\xff\xfe\x3d\xd8" "a\0\x00\xdc" "b\0c", 11,
                    "\xef\xbf\xbd" "a\xef\xbf\xbd" "b\n", 9);
    expect_lines_of("\xff\xfe", 2, "", 0);
    /* Without a mark, and with four bytes for each. */
    expect_lines_of("a\0\xe9\0\n\0", 6, "a\xc3\xa9\n", 4);
    expect_lines_of("\0a\0\xe9\0\n", 6, "a\xc3\xa9\n", 4);
    expect_lines_of("\xff\xfe\0\0a\0\0\0\x3d\xd8\0\0b\0\0\0\n\0\0\0", 20,
                    "a\xef\xbf\xbd" "b\n", 6);
    expect_lines_of("\0\0\xfe\xff\0\0\0a\0\0\0\n", 12, "a\n", 2);
    expect_lines_of("a\0\0\0b\0\0\0\n\0\0\0", 12, "ab\n", 3);
    expect_lines_of("\0\0\0a\0\0\0b", 8, "ab\n", 3);
}

/* Each object of an array or over several lines is a record; broken ones end soon. */
static void json_objects_become_records(void **state)
{
    (void)state;
    TEXT("[{\"a\":1},{\"a\":\"}\\\"{\"}]", "{\"a\":1}\n{\"a\":\"}\\\"{\"}\n");
    TEXT("[\n{\"a\":1},\n{\"a\":{}}\n]\n", "{\"a\":1}\n{\"a\":{}}\n");
    TEXT("{\n \"a\":1\n}\n{\n \"b\":[{}]\n}\n", "{\n \"a\":1\n}\n{\n \"b\":[{}]\n}\n");
    TEXT("{\"a\":1}{\"b\":2}\n", "{\"a\":1}\n{\"b\":2}\n");
    TEXT("{\"a\":1\n{\"b\":2}\n{\"c\":\"\n{\"d\":4}\n", "{\"a\":1\n\n{\"b\":2}\n{\"c\":\"\n{\"d\":4}\n");
    TEXT("[\n{\"a\":1}\nrubbish\n{\"b\":2", "{\"a\":1}\nrubbish\n{\"b\":2\n");
    /* No objects over lines: lines. */
    TEXT("{\"a\":1}\n{\"b\":\n", "{\"a\":1}\n{\"b\":\n");
    TEXT("[::1]:80 - -\n{\n", "[::1]:80 - -\n{\n");
    TEXT("{\"a\":1} x\n{\n", "{\"a\":1} x\n{\n");
}

/* Lines around the bound, with and without a carriage return, at the end and not. */
static void long_lines_are_cut(void **state)
{
    static const char *const ends[] = { "\n", "\r\n", "" };

    (void)state;
    for (int over = -1; over <= 2; over++)
        for (int e = 0; e < 3; e++) {
            struct text t = { 0 }, want = { 0 };
            size_t length = (size_t)(LOG_LINE_MAX + over);
            char *line = malloc(length);
            memset(line, 'x', length);
            text_add(&t, "first\n", 6);
            text_add(&t, line, length);
            text_add(&t, ends[e], strlen(ends[e]));
            text_add(&want, "first\n", 6);
            text_add(&want, line, over > 0 ? LOG_LINE_MAX : length);
            text_add(&want, over > 0 ? "!\n" : "\n", over > 0 ? 2 : 1);
            if (e < 2) {
                text_add(&t, "last", 4);
                text_add(&want, "last\n", 5);
            }
            log_file_write(t.bytes, t.length);
            expect_lines(&want);
            free(line);
            free(t.bytes);
            free(want.bytes);
        }
}

static void every_packing_gives_the_same_lines(void **state)
{
    static const int filters[] = { ARCHIVE_FILTER_NONE, ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_XZ,
                                   ARCHIVE_FILTER_BZIP2, ARCHIVE_FILTER_ZSTD, ARCHIVE_FILTER_LZ4 };
    struct text t = text_random(support_seed(), 500, 700000);

    (void)state;
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        log_file_pack(filters[i], &t);
        expect_lines(&t);
    }
    free(t.bytes);
}

/* The members of an archive follow each other; a line does not go on in the next. */
static void archives_hold_many_logs(void **state)
{
    static const int formats[] = { ARCHIVE_FORMAT_TAR, ARCHIVE_FORMAT_ZIP };
    struct text members[] = { { (char[]){ "a\nb" }, 3, 3 }, { (char[]){ "" }, 0, 0 },
                              { (char[]){ "\xff\xfe" "c\0\n\0" }, 6, 6 } };
    struct text want = { (char[]){ "a\nb\nc\n" }, 6, 6 };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        log_file_archive(ARCHIVE_FILTER_NONE, formats[i], members, 3);
        expect_lines(&want);
        log_file_archive(ARCHIVE_FILTER_GZIP, formats[i], members, 3);
        expect_lines(&want);
    }
}

static void packings_may_be_nested(void **state)
{
    struct text t = text_random(support_seed(), 300, 1000), packed[2];

    (void)state;
    log_file_pack(ARCHIVE_FILTER_GZIP, &t);
    packed[0] = log_file_read();
    log_file_pack(ARCHIVE_FILTER_XZ, &t);
    packed[1] = log_file_read();
    log_file_pack(ARCHIVE_FILTER_GZIP, &packed[0]);
    expect_lines(&t);
    log_file_archive(ARCHIVE_FILTER_NONE, ARCHIVE_FORMAT_ZIP, packed, 2);
    struct text twice = { 0 };
    text_add(&twice, t.bytes, t.length);
    text_add(&twice, t.bytes, t.length);
    expect_lines(&twice);
    free(twice.bytes);
    free(packed[0].bytes);
    free(packed[1].bytes);
    free(t.bytes);
}

static void gzip_members_follow_each_other(void **state)
{
    struct text t = text_random(support_seed(), 300, 1000), twice = { 0 }, packed, got = { 0 };
    char message[LOG_MESSAGE_SIZE], zeros[600] = { 0 };

    (void)state;
    log_file_pack(ARCHIVE_FILTER_GZIP, &t);
    packed = log_file_read();
    struct text second = log_file_read();
    text_add(&packed, zeros, sizeof zeros);
    text_add(&packed, second.bytes, second.length);
    free(second.bytes);
    text_add(&packed, zeros, 1);
    log_file_write(packed.bytes, packed.length);
    text_add(&twice, t.bytes, t.length);
    text_add(&twice, t.bytes, t.length);
    expect_lines(&twice);
    text_add(&packed, "rubbish", 7);
    log_file_write(packed.bytes, packed.length);
    assert_int_equal(read_lines(log_path, &got, message), -EILSEQ);
    assert_int_equal(got.length, twice.length);
    assert_non_null(strstr(message, "something else follows"));
    free(t.bytes);
    free(twice.bytes);
    free(packed.bytes);
    free(got.bytes);
}

/* Cut anywhere or with any bit turned: an error, never a wrong line without one. */
static void damaged_gzip_is_never_silent(void **state)
{
    struct text t = text_random(support_seed(), 100, 300), packed, got = { 0 };
    char message[LOG_MESSAGE_SIZE];
    unsigned errors = 0;

    (void)state;
    log_file_pack(ARCHIVE_FILTER_GZIP, &t);
    packed = log_file_read();
    for (size_t at = 10; at < packed.length; at += 7) {
        packed.bytes[at] ^= (char)(1 << at % 8);
        log_file_write(packed.bytes, packed.length);
        packed.bytes[at] ^= (char)(1 << at % 8);
        int error = read_lines(log_path, &got, message);
        errors += error == -EILSEQ;
        if (error == 0) /* it did not matter */
            assert_true(got.length == t.length && memcmp(got.bytes, t.bytes, t.length) == 0);
        else
            assert_non_null(strstr(message, "damaged"));
    }
    assert_true(errors > 100);
    /* Only its checksum is wrong: all lines were there before that was seen. */
    packed.bytes[packed.length - 8] ^= 1;
    log_file_write(packed.bytes, packed.length);
    assert_int_equal(read_lines(log_path, &got, message), -EILSEQ);
    assert_int_equal(got.length, t.length);
    for (size_t length = 2; length < packed.length; length += 101) {
        log_file_write(packed.bytes, length);
        assert_int_equal(read_lines(log_path, &got, message), -EILSEQ);
        assert_true(got.length <= t.length && (!got.length ||
                    memcmp(got.bytes, t.bytes, got.length) == 0));
        assert_memory_equal(message, log_path, strlen(log_path));
    }
    free(t.bytes);
    free(packed.bytes);
    free(got.bytes);
}

static void damage_keeps_what_came_before(void **state)
{
    static const int filters[] = { ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_XZ, ARCHIVE_FILTER_BZIP2,
                                   ARCHIVE_FILTER_ZSTD };
    struct text t = text_random(support_seed(), 30000, 300), packed, got = { 0 };
    char message[LOG_MESSAGE_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        log_file_pack(filters[i], &t);
        packed = log_file_read();
        log_file_write(packed.bytes, packed.length * 3 / 4);
        assert_int_equal(read_lines(log_path, &got, message), -EILSEQ);
        assert_true(got.length > t.length / 10 && got.length < t.length);
        assert_memory_equal(got.bytes, t.bytes, got.length);
        free(packed.bytes);
    }
    free(t.bytes);
    free(got.bytes);
}

/* It stands behind the 4 bytes PK\x07\x08 that follow the data, or in the header. */
static size_t crc_of_zip(const struct text *zip)
{
    const char *behind = memmem(zip->bytes, zip->length, "PK\7\10", 4);

    return behind ? (size_t)(behind + 4 - zip->bytes) : 14;
}

/* Of a file that is damaged in an archive, what stands in front of it and behind it is read. */
static void damage_in_an_archive_ends_one_member(void **state)
{
    static const int formats[] = { ARCHIVE_FORMAT_TAR, ARCHIVE_FORMAT_ZIP };
    struct text t = { 0 }, members[3] = { { (char[]){ "first\n" }, 6, 6 }, { 0 },
                                          { (char[]){ "third\n" }, 6, 6 } };
    char message[LOG_MESSAGE_SIZE];

    (void)state;
    text_add(&t, "x\n", 2);
    log_file_pack(ARCHIVE_FILTER_GZIP, &t);
    members[1] = log_file_read();
    members[1].bytes[members[1].length - 8] ^= 1; /* its checksum */
    for (size_t i = 0; i < 4; i++) {
        static const char *const names[] = { ":1.log", ":1.log", "", ":0.log" };
        struct log_input *in;
        struct log_line line;
        char want[2 * sizeof log_path];
        unsigned damaged = 0, found = 0;
        log_file_archive(ARCHIVE_FILTER_NONE, formats[i % 2], members, 3);
        if (i >= 2) { /* the header of the second as well, or the checksum of the first */
            struct text whole = log_file_read();
            whole.bytes[i == 2 ? 2 * 512 + 1 : crc_of_zip(&whole)] ^= 1;
            log_file_write(whole.bytes, whole.length);
            free(whole.bytes);
        }
        assert_int_equal(log_input_open(&in, log_path, NULL, NULL, message), 0);
        for (int more; damaged < 9 && (more = log_input_member(in, message)) != 0;) {
            while (more > 0 && (more = log_input_next(in, &line, message)) == 1)
                found += *line.text == 'f' || *line.text == 't';
            assert_true(more == 0 || more == -EILSEQ);
            snprintf(want, sizeof want, "%s%s: damaged: ", log_path, names[i]);
            assert_true(more == 0 || damaged || strstr(message, want) == message);
            damaged += more != 0;
        }
        assert_int_equal(found, 2);
        assert_true(damaged && damaged < 9);
        log_input_close(in);
    }
    free(members[1].bytes);
    free(t.bytes);
}

/* The lines are there, and their checksum is wrong. */
static void a_checksum_of_zip_is_compared(void **state)
{
    struct text members[] = { { (char[]){ "a\nb" }, 3, 3 } }, packed, got = { 0 };
    char message[LOG_MESSAGE_SIZE];

    (void)state;
    log_file_archive(ARCHIVE_FILTER_NONE, ARCHIVE_FORMAT_ZIP, members, 1);
    packed = log_file_read();
    packed.bytes[crc_of_zip(&packed)] ^= 1;
    log_file_write(packed.bytes, packed.length);
    assert_int_equal(read_lines(log_path, &got, message), -EILSEQ);
    assert_int_equal(got.length, 2); /* whole lines */
    assert_non_null(strstr(message, "CRC"));
    free(packed.bytes);
    free(got.bytes);
}

/* Writes into standard input slowly: byte by byte at first, then the rest. */
struct writer {
    int pipe;
    const struct text *text;
};

static void *write_slowly(void *context)
{
    struct writer *w = context;
    size_t at = 0;

    for (; at < 3 && at < w->text->length; at++) {
        assert_int_equal(write(w->pipe, w->text->bytes + at, 1), 1);
        usleep(2000);
    }
    while (at < w->text->length) {
        ssize_t n = write(w->pipe, w->text->bytes + at, w->text->length - at);
        assert_true(n > 0);
        at += (size_t)n;
    }
    close(w->pipe);
    return NULL;
}

static void standard_input_may_be_a_packed_pipe(void **state)
{
    struct text t = text_random(support_seed(), 3000, 3000), packed, got = { 0 };
    char message[LOG_MESSAGE_SIZE];
    int filters[] = { ARCHIVE_FILTER_NONE, ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_XZ };

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct writer w = { .text = &packed };
        pthread_t thread;
        log_file_pack(filters[i], &t);
        packed = log_file_read();
        int kept = log_pipe_open(&w.pipe);
        assert_int_equal(pthread_create(&thread, NULL, write_slowly, &w), 0);
        assert_int_equal(read_lines("-", &got, message), 0);
        pthread_join(thread, NULL);
        log_pipe_close(kept);
        assert_int_equal(got.length, t.length);
        assert_memory_equal(got.bytes, t.bytes, t.length);
        free(packed.bytes);
    }
    free(t.bytes);
    free(got.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_end_in_many_ways),
        cmocka_unit_test(line_ends_may_be_mixed),
        cmocka_unit_test(parts_of_a_line_are_joined),
        cmocka_unit_test(odd_texts_become_lines),
        cmocka_unit_test(wide_characters_become_utf8),
        cmocka_unit_test(json_objects_become_records),
        cmocka_unit_test(archives_hold_many_logs),
        cmocka_unit_test(packings_may_be_nested),
        cmocka_unit_test(long_lines_are_cut),
        cmocka_unit_test(every_packing_gives_the_same_lines),
        cmocka_unit_test(gzip_members_follow_each_other),
        cmocka_unit_test(damaged_gzip_is_never_silent),
        cmocka_unit_test(damage_keeps_what_came_before),
        cmocka_unit_test(damage_in_an_archive_ends_one_member),
        cmocka_unit_test(a_checksum_of_zip_is_compared),
        cmocka_unit_test(standard_input_may_be_a_packed_pipe),
    };

    return cmocka_run_group_tests(tests, log_path_make, log_path_remove) ? 1 : 0;
}
