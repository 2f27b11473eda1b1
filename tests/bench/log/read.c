/*
 * read.c - files become a log: what is counted, kept, limited and refused.
 */
#include <archive.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/log/log.h"
#include "tests/support/failing_heap.h"
#include "tests/bench/log/files.h"

static void what_cannot_be_opened_is_named(void **state)
{
    struct log log;
    struct log_options options = { 0 };
    const char *const missing[] = { log_path, "no/such/file" }, *const folder[] = { "/" };

    (void)state;
    log_file_write("x\n", 2);
    log_init(&log);
    assert_int_equal(log_read(&log, missing, 2, &options), -ENOENT);
    assert_string_equal(log.message, "no/such/file: No such file or directory");
    assert_int_equal(log.lines, 0); /* before the first was read */
    assert_int_equal(log_read(&log, folder, 1, &options), -EISDIR);
    assert_non_null(strstr(log.message, "/: is a folder"));
    assert_int_equal(chmod(log_path, 0), 0);
    bool root = geteuid() == 0;
    if (root)
        assert_int_equal(seteuid(65534), 0);
    assert_int_equal(log_read(&log, missing, 1, &options), -EACCES);
    if (root)
        assert_int_equal(seteuid(0), 0);
    assert_non_null(strstr(log.message, "Permission denied"));
    assert_int_equal(unlink(log_path), 0);
    log_free(&log);
}

#define STAMP(second) "[17/May/2015:10:05:" second " +0000]"
#define GOOD(host, second, target)                                                                 \
    host " - - " STAMP(second) " \"GET " target " HTTP/1.1\" 200 5\n"

static void counts_and_keeps_complaints(void **state)
{
    static const char text[] = GOOD("a", "05", "/x?1") "bad\x1b[31m\n" GOOD("b", "03", "/x")
        "\n" "2\n3\n4\n5\n6\n" GOOD("a", "04", "/y") "h - - " STAMP("04") " \"-\" 408 -";
    const char *const twice[] = { log_path, log_path };
    struct log_options options = { 0 };
    struct log log;

    (void)state;
    log_file_write(text, sizeof text - 1);
    log_init(&log);
    assert_int_equal(log_read(&log, twice, 2, &options), 0);
    assert_int_equal(log.lines, 22);
    assert_int_equal(log.count, 8);
    assert_int_equal(log.unreadable, 12);
    assert_int_equal(log.skipped, 2);
    assert_int_equal(log.backwards, 2);
    assert_false(log.sorted);
    assert_int_equal(log.users.count, 3);
    assert_int_equal(log.posts.count, 2);
    assert_int_equal(log.complaint_count, 5);
    assert_int_equal(log.complaints[0].line, 2);
    assert_string_equal(log.complaints[0].text, "bad?[31m");
    assert_string_equal(log.complaints[0].file, log_path);
    assert_int_equal(log.complaints[4].line, 8);
    assert_int_equal(log.events[3].post, LOG_NO_POST);
    assert_int_equal(log.events[4].user, 0);
    assert_string_equal(names_text(&log.users, 2, NULL), "h");
    log_free(&log);
}

/* A file of which nothing is left is missing as a damaged one is, however short it is. */
static void a_file_without_a_readable_line_is_damage(void **state)
{
    char junk[] = "/tmp/contend-junk.XXXXXX";
    const char *const files[] = { junk, log_path };
    struct log_options options = { 0 };
    struct log log;

    (void)state;
    int fd = mkstemp(junk);
    assert_int_equal(write(fd, "\nrubbish\n", 9), 9);
    close(fd);
    log_file_write(GOOD("a", "05", "/x"), sizeof GOOD("a", "05", "/x") - 1);
    log_init(&log);
    assert_int_equal(log_read(&log, files, 2, &options), 0);
    assert_int_equal(log.damaged, 1);
    assert_non_null(strstr(log.files[0].damage, "no line of it could be read"));
    assert_string_equal(log.files[1].damage, "");
    assert_true(log_lost(&log) >= 0.5);
    log_free(&log);
    assert_int_equal(log_read(&log, files, 1, &options), -ENODATA);
    assert_int_equal(log.damaged, 0);
    log_free(&log);
    unlink(junk);
}

/* Each file in an archive has a format of its own, or none. */
static void an_archive_is_read_as_its_files_are(void **state)
{
    struct text members[] = {
        { (char[]){ GOOD("a", "05", "/x") }, sizeof GOOD("a", "05", "/x") - 1, 0 },
        { (char[]){ "time,user,post\n1431857104,b,/x\n" }, 31, 0 },
        { (char[]){ "user,post,time\nc,/x,1431857104\n" }, 31, 0 },
        { (char[]){ "rubbish\n" }, 8, 0 },
    };
    const char *const files[] = { log_path };
    struct log_options options = { 0 };
    struct log log;

    (void)state;
    for (size_t count = 3; count <= 4; count++) {
        log_file_archive(ARCHIVE_FILTER_NONE, ARCHIVE_FORMAT_TAR, members, count);
        log_init(&log);
        assert_int_equal(log_read(&log, files, 1, &options), 0);
        assert_int_equal(log.count, 3);
        assert_int_equal(log.events[2].time_ms, UINT64_C(1431857104000));
        assert_string_equal(names_text(&log.users, 2, NULL), "c");
        assert_int_equal(log.posts.count, 1);
        assert_int_equal(log.unreadable, count - 3);
        assert_string_equal(log.files[0].format, "log; csv");
        assert_int_equal(log.damaged, count - 3);
        assert_true(!log.damaged || strstr(log.files[0].damage, ":3.log: no line of it"));
        log_free(&log);
    }
}

static void nothing_readable_says_what_was_wanted(void **state)
{
    const char *const files[] = { log_path };
    struct log_options options = { 0 };
    struct log log;

    (void)state;
    log_init(&log);
    log_file_write("\nthis is it\n", 12);
    assert_int_equal(log_read(&log, files, 1, &options), -ENODATA);
    assert_non_null(strstr(log.message, log_path));
    assert_non_null(strstr(log.message, "common or combined"));
    assert_non_null(strstr(log.message, "Line 2 is 'this is it'"));
    log_free(&log);
    log_file_write("", 0);
    assert_int_equal(log_read(&log, files, 1, &options), -ENODATA);
    assert_non_null(strstr(log.message, "nothing in it"));
    log_free(&log);
    options.parse.rules = "/nonexistent/rules";
    assert_int_equal(log_read(&log, files, 1, &options), -EINVAL);
    assert_string_equal(log.message, "/nonexistent/rules: No such file or directory");
    log_free(&log);
}

static void limits_are_errors(void **state)
{
    static const char text[] = GOOD("a", "01", "/x") GOOD("b", "02", "/y") GOOD("c", "03", "/z");
    const char *const files[] = { log_path };
    struct log_options options = { 0 };
    struct log log;

    (void)state;
    log_file_write(text, sizeof text - 1);
    log_init(&log);
    assert_int_equal(log.users.limit, UINT32_MAX - 1);
    log.users.limit = 2;
    assert_int_equal(log_read(&log, files, 1, &options), -EOVERFLOW);
    assert_string_equal(log.message, "more than 2 visitors; read a part of it");
    assert_int_equal(log.count, 2);
    log_free(&log);
    log.posts.limit = 1;
    assert_int_equal(log_read(&log, files, 1, &options), -EOVERFLOW);
    assert_string_equal(log.message, "more than 1 posts; read a part of it");
    assert_int_equal(log.count, 1);
    assert_int_equal(log.users.count, 1); /* the visitor of the lost event went with it */
    assert_int_equal(names_find(&log.users, "b", 1), NAMES_NONE);
    log_free(&log);
}

/* Every allocation of the library fails once; what was read before stays in order. */
static void memory_may_run_out_anywhere(void **state)
{
    struct text t = { 0 };
    const char *const files[] = { log_path };
    struct log_columns columns;
    const char *reason;
    unsigned failures = 0;

    (void)state;
    assert_int_equal(log_columns_parse(&columns, "1,2,3", &reason), 0);
    for (int i = 0; i < 3000; i++) {
        char line[64];
        int n = snprintf(line, sizeof line, "%d,user%d,/post/%d\n", 3000 - i, i, i);
        text_add(&t, line, (size_t)n);
    }
    log_file_pack(ARCHIVE_FILTER_GZIP, &t);
    for (int at = 0;; at++) {
        struct log_options options = { .parse = { .columns = &columns } };
        struct log log;
        log_init(&log);
        heap_fails_after(at);
        int error = log_read(&log, files, 1, &options);
        if (!error)
            error = log_sort(&log);
        bool failed = heap_failed();
        failures += failed;
        assert_int_equal(error, failed ? -ENOMEM : 0);
        assert_true(!failed || strstr(log.message, "out of memory"));
        assert_int_equal(log.users.count, log.count);
        assert_int_equal(log.posts.count, log.count);
        uint64_t seen = 0;
        for (size_t i = 0; i < log.count; i++)
            seen += log.events[i].user;
        assert_int_equal(seen, (uint64_t)log.count * (log.count - !!log.count) / 2);
        bool done = !failed && log.count == 3000;
        log_free(&log);
        if (done)
            break;
    }
    assert_true(failures > 10);
    log_columns_free(&columns);
    free(t.bytes);
}

/* Names with zero bytes and all lengths, against a plain search. */
static void names_are_dense(void **state)
{
    enum { NAMES = 3000, TURNS = 20000 };
    static char text[NAMES][24];
    size_t lengths[NAMES];
    uint32_t number_of[NAMES], next = 0;
    struct support_random r = { support_seed() };
    struct names names;

    (void)state;
    for (int i = 0; i < NAMES; i++) {
        lengths[i] = 2 + support_below(&r, 22);
        for (size_t k = 2; k < lengths[i]; k++)
            text[i][k] = (char)support_below(&r, 3);
        memcpy(text[i], &(uint16_t){ (uint16_t)i }, 2);
        number_of[i] = NAMES_NONE;
    }
    names_init(&names);
    for (int turn = 0; turn < TURNS; turn++) {
        uint32_t i = (uint32_t)support_below(&r, NAMES), number;
        size_t length;
        assert_int_equal(names_find(&names, text[i], lengths[i]), number_of[i]);
        assert_int_equal(names_intern(&names, text[i], lengths[i], &number), 0);
        if (number_of[i] == NAMES_NONE)
            number_of[i] = next++;
        assert_int_equal(number, number_of[i]);
        assert_memory_equal(names_text(&names, number, &length), text[i], lengths[i]);
        assert_int_equal(length, lengths[i]);
    }
    assert_int_equal(names.count, next);
    names_free(&names);
}

static int stop_when_asked(void *context, const struct log_progress *progress)
{
    unsigned *calls = context;

    assert_string_equal(progress->file, "-");
    assert_int_equal(progress->total, 0);
    return ++*calls == 2;
}

/* A pipe that stays silent: the progress call ends the waiting, and the log is valid. */
static void waiting_can_be_stopped(void **state)
{
    static const char text[] = GOOD("a", "01", "/x") GOOD("b", "02", "/y");
    const char *const files[] = { "-" };
    unsigned calls = 0;
    struct log_options options = { .progress = stop_when_asked, .context = &calls };
    struct log log;
    int writing, kept = log_pipe_open(&writing);

    (void)state;
    log_init(&log);
    assert_int_equal(write(writing, text, sizeof text - 1), sizeof text - 1);
    assert_int_equal(log_read(&log, files, 1, &options), 0);
    assert_true(log.stopped);
    assert_int_equal(calls, 2);
    assert_int_equal(log.count, 2);
    log_free(&log);
    close(writing);
    log_pipe_close(kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_and_keeps_complaints),
        cmocka_unit_test(a_file_without_a_readable_line_is_damage),
        cmocka_unit_test(an_archive_is_read_as_its_files_are),
        cmocka_unit_test(nothing_readable_says_what_was_wanted),
        cmocka_unit_test(limits_are_errors),
        cmocka_unit_test(memory_may_run_out_anywhere),
        cmocka_unit_test(names_are_dense),
        cmocka_unit_test(waiting_can_be_stopped),
        cmocka_unit_test(what_cannot_be_opened_is_named),
    };

    return cmocka_run_group_tests(tests, log_path_make, log_path_remove) ? 1 : 0;
}
