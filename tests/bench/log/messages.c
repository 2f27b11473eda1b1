/*
 * messages.c - what is said about options that fit no file, and files that fit none.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/log/log.h"
#include "tests/bench/log/files.h"

/* A rule file with a mistake is refused, and the mistake named. */
static void bad_rules_are_refused(void **state)
{
    static const struct {
        const char *text, *why;
    } bad[] = {
        { "x=^(?<user>\\S+\n", "rule x in line 1: missing closing parenthesis" },
        { "rubbish\n", "has no line NAME=REGEX" },
        { "# mine\ny=^(?<user>a)(?<time>b)(?&c)(?<c>d)\nx=^(?<usr>\\S+) (?<time>\\d+)\n",
          "rule x in line 3: there is no group 'usr'; did you mean 'user'?  There are time, user" },
        { "x=^(?<user>\\S+)\n", "rule x in line 1: there is no group 'time' in it" },
        { "x=^(?<time>\\S+)\n", "rule x in line 1: there is no group 'user' in it" },
    };
    char why[LOG_REASON_SIZE];
    struct log_parser *parser;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct log_parse_options options = { .rules = log_path };
        log_file_write(bad[i].text, strlen(bad[i].text));
        assert_int_equal(log_parser_new(&parser, &options, why), -EINVAL);
        assert_non_null(strstr(why, bad[i].why));
    }
    const struct log_parse_options misspelt = { .format = LOG_FORMAT_RULES, .rule = "sqid" };
    assert_int_equal(log_parser_new(&parser, &misspelt, why), -EINVAL);
    assert_non_null(strstr(why, "there is no format 'sqid'; did you mean 'squid'?"));
}

static int read_with(struct log *log, const char *text, const struct log_options *options)
{
    const char *const files[] = { log_path };

    log_file_write(text, strlen(text));
    log_init(log);
    return log_read(log, files, 1, options);
}

static int read_it(struct log *log, const char *text, const char *columns_spec, bool strict)
{
    struct log_options options = { .strict = strict };
    struct log_columns columns;
    const char *reason;

    assert_int_equal(log_columns_parse(&columns, columns_spec, &reason), 0);
    options.parse.columns = &columns;
    int error = read_with(log, text, &options);
    log_columns_free(&columns);
    return error;
}

/* The reason first, the line, what there is, and the way out. */
static void messages_name_what_is_missing(void **state)
{
    static const char line[] = "{\"ts\":1,\"request\":{\"client_ip\":\"a\"},\"uri\":\"/\"}\n";
    struct log log;

    (void)state;
    assert_int_equal(read_it(&log, line, "ts,request.client_id,uri", false), -ENODATA);
    assert_non_null(strstr(log.message, "there is no key 'request.client_id'; did you mean "
                                        "'request.client_ip'?"));
    assert_non_null(strstr(log.message, log_path));
    assert_non_null(strstr(log.message, ":1)"));
    log_free(&log);
    assert_int_equal(read_it(&log, line, "ts,client_id,uri", false), -ENODATA);
    assert_non_null(strstr(log.message, "there is no key 'client_id'; did you mean "
                                        "'request.client_ip'?"));
    log_free(&log);
    assert_int_equal(read_it(&log, line, "ts,request.client_ip,url", false), -EINVAL);
    assert_non_null(strstr(log.message, "there is no key 'url'; did you mean 'uri'?"));
    log_free(&log);
    assert_int_equal(read_it(&log, "time,id,way\n1,a,/\n", "time,id,path", false), -ENODATA);
    assert_non_null(strstr(log.message, "there is no column 'path'; there are time, id, way"));
    log_free(&log);
    assert_int_equal(read_it(&log, "1,a,/\n", "1,9", false), -ENODATA);
    assert_non_null(strstr(log.message, "there is no column 9 for the user: it has 3"));
    log_free(&log);
    const struct log_options plain = { .strict = false };
    assert_int_equal(read_with(&log, "#Fields: date time c-ip\n1/5/2024 08:00:02 192.0.2.1\n", &plain),
                     -ENODATA);
    assert_non_null(strstr(log.message, "'1/5/2024 08:00:02' may begin with the day"));
    assert_non_null(strstr(log.message, "(of date+time)"));
    assert_null(strstr(log.message, "--columns"));
    log_free(&log);
    assert_int_equal(read_it(&log, "ts,id\n1,a\n,\n", "ts,id", true), -EBADMSG);
    assert_non_null(strstr(log.message, "the time stamp is empty"));
    assert_non_null(strstr(log.message, ":3)"));
    log_free(&log);
}

#define LINE "192.0.2.1 - kim [01/May/2024:08:00:02 +0000] \"GET /a HTTP/1.1\" 200 5 \"-\" \"x y\" \"192.0.2.7\"\n"

/* Fields count from both ends of the line, and one that is not there is refused. */
static void fields_count_from_both_ends(void **state)
{
    static const struct {
        const char *field, *visitor; /* NULL: refused */
    } fields[] = {
        { "1", "192.0.2.1" }, { "3", "kim" }, { "10", "192.0.2.7" }, { "11", NULL }, { "99", NULL },
        { "-1", "192.0.2.7" }, { "-2", "x y" }, { "-8", "kim" }, { "-10", "192.0.2.1" },
        { "-11", NULL }, { "-99999999999999999999", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const struct log_options options = { .parse = { .user_field = fields[i].field } };
        struct log log;
        int error = read_with(&log, LINE, &options);
        if (error != (fields[i].visitor ? 0 : -ENODATA))
            fail_msg("%s: %d, %s", fields[i].field, error, log.message);
        if (!error)
            assert_string_equal(names_text(&log.users, 0, NULL), fields[i].visitor);
        else
            assert_non_null(strstr(log.message, "as --user-field wants: it has 10"));
        log_free(&log);
    }
}

static void a_rule_without_the_group_names_its_own(void **state)
{
    const struct log_options options = {
        .parse = { .format = LOG_FORMAT_RULES, .rule = "squid", .user_field = "usr" },
    };
    struct log log;

    (void)state;
    assert_int_equal(read_with(&log, "1714550402.000 1 192.0.2.1 A/200 5 GET http://a.org/ - A/a b\n",
                               &options), -ENODATA);
    assert_non_null(strstr(log.message, "there is no group 'usr'; did you mean 'user'?"));
    log_free(&log);
}

/* An export that is one object around all others: how to take them out. */
static void the_array_around_all_is_named(void **state)
{
    static const struct {
        const char *text, *said;
    } cases[] = {
        { "{\"logs\":[{\"ip\":\"a\",\"time\":1}]}\n", "jq -c '.logs[]' prints" },
        { "{\"took\":1,\"hits\":{\"hits\":[{\"_source\":{\"ip\":\"a\"}}]}}\n",
          "jq -c '.hits.hits[]._source' prints" },
    };
    const struct log_options options = { .parse = { .format = LOG_FORMAT_AUTO } };
    struct log log;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(read_with(&log, cases[i].text, &options), -ENODATA);
        assert_non_null(strstr(log.message, cases[i].said));
        log_free(&log);
    }
    char *text = malloc(LOG_LINE_MAX + 3);
    memset(text, '{', LOG_LINE_MAX + 2);
    text[LOG_LINE_MAX + 2] = '\0';
    assert_int_equal(read_with(&log, text, &options), -ENODATA);
    assert_non_null(strstr(log.message, "longer than 1 MiB; if it is one object around an array"));
    log_free(&log);
    free(text);
}

/* A visitor that was named, and is not there: which names there are, or how to count. */
static void a_visitor_that_is_missing_is_named(void **state)
{
    static const struct {
        const char *text, *field, *said;
    } cases[] = {
        { "{\"time\":1,\"remote_addr\":\"a\"}\n", "remote_adr",
          "there is no key 'remote_adr'; did you mean 'remote_addr'?  There are time, remote_addr" },
        { "{\"time\":1,\"remote_addr\":\"a\"}\n", "2", "there is no key '2'; there are time" },
        { "#Fields: date time c-ip\n2024-05-01 08:00:02 192.0.2.1\n", "c-op",
          "there is no column 'c-op'; did you mean 'c-ip'?  There are date, time, c-ip" },
        { "time,remote_addr\n1,192.0.2.1\n", "remote_adr",
          "there is no column 'remote_adr'; did you mean 'remote_addr'?" },
        { "time,who\n1,192.0.2.1\n", NULL, "no column is known as the user; say --columns; there are" },
        { "Zeit;Client-IP;URL\n01.05.2024 08:00:09;192.0.2.1;/a\n", NULL,
          "no column is known as the time; say --columns; there are Zeit, Client-IP, URL" },
        { LINE, "ip", "its fields have no names: --user-field=1 is the first, -1 the last" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct log_options options = { .parse = { .user_field = cases[i].field } };
        struct log log;
        assert_int_equal(read_with(&log, cases[i].text, &options), -ENODATA);
        if (!strstr(log.message, cases[i].said))
            fail_msg("%zu: %s", i, log.message);
        log_free(&log);
    }
}

/* Of a date that is not understood no part passes for a number, however the columns are named. */
static void a_time_that_is_none_is_shown(void **state)
{
    static const struct {
        const char *first, *second, *said;
    } times[] = {
        { "17/05/2015 10:00:00", "17/05/2015 10:09:17", "'17/05/2015 10:00:00' may begin with the day" },
        { "5/17/2015 10:00:00", "5/17/2015 10:09:17", "'5/17/2015 10:00:00' may begin with the day" },
        { "17/05/2015 10:00", "17/05/2015 10:09", "'17/05/2015 10:00' may begin with the day" },
        { "10:00:00", "10:09:17", "'10:00:00' is neither a number" },
        { "17th of May 10:00:00", "17th of May 10:09:17", "'17th of May 10:00:00' is neither a number" },
    };
    static const char *const columns[] = { NULL, "time,user,post", "1,2,3" };

    (void)state;
    for (size_t i = 0; i < 6 * sizeof times / sizeof *times; i++) {
        struct log_options options = { .parse = { .format = i % 2 ? LOG_FORMAT_CSV : LOG_FORMAT_AUTO } };
        const char *spec = columns[i % 6 / 2], *reason;
        struct log_columns named;
        struct log log;
        char text[200];
        if (spec && log_columns_parse(&named, spec, &reason) == 0)
            options.parse.columns = &named;
        const char *first = times[i % 5].first, *second = times[i % 5].second;
        snprintf(text, sizeof text, "%s%s,192.0.2.1,/a\n%s,192.0.2.2,/b\n",
                 spec && spec[0] == '1' ? "" : "time,user,post\n", first, second);
        int error = read_with(&log, text, &options);
        if (error != -ENODATA || (!strstr(log.message, times[i % 5].said) &&
                                  !(spec && spec[0] == '1')))
            fail_msg("%zu: %d, %s", i, error, log.message);
        log_free(&log);
        if (spec)
            log_columns_free(&named);
    }
}

/* Events without posts: which name there was instead, or what a request is like. */
static void a_post_that_is_missing_is_named(void **state)
{
    static const struct {
        const char *text, *said;
    } cases[] = {
        { "{\"time\":1,\"ip\":\"a\",\"target\":\"/\"}\n",
          "no key is known as the post; say --columns; there are time, ip, target" },
        { "{\"log\":\"{\\\"time\\\":1,\\\"ip\\\":\\\"a\\\"}\"}\n",
          "no key is known as the post; say --columns; there are time, ip" },
        { "{\"time\":1,\"ip\":\"a\",\"path\":\"\"}\n", "it is empty" },
        { "time,ip,target\n1,a,/\n", "no column is known as the post; say --columns; there are time, ip, target" },
        { "192.0.2.1 - - [01/May/2024:08:00:02 +0000] \"/a\" 400 5\n", "is not like GET /path" },
        { LINE, "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct log_options options = { .strict = true };
        struct log log;
        assert_int_equal(read_with(&log, cases[i].text, &options), 0);
        if (!strstr(log.no_post, cases[i].said) || !*log.no_post != !*cases[i].said)
            fail_msg("%zu: %s", i, log.no_post);
        log_free(&log);
    }
    struct log log;
    assert_int_equal(read_it(&log, "time,ip,path\n1,a,/\n", "time,ip", true), 0);
    assert_string_equal(log.no_post, "--columns names none");
    log_free(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_rules_are_refused),
        cmocka_unit_test(messages_name_what_is_missing),
        cmocka_unit_test(fields_count_from_both_ends),
        cmocka_unit_test(a_rule_without_the_group_names_its_own),
        cmocka_unit_test(the_array_around_all_is_named),
        cmocka_unit_test(a_visitor_that_is_missing_is_named),
        cmocka_unit_test(a_time_that_is_none_is_shown),
        cmocka_unit_test(a_post_that_is_missing_is_named),
    };

    return cmocka_run_group_tests(tests, log_path_make, log_path_remove) ? 1 : 0;
}
