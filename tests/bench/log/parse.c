/*
 * parse.c - lines of every format, good and bad, and lines at random.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/log/parse.h"
#include "bench/log/stamp.h"
#include "tests/support/support.h"

#define LINES(...) ((const char *[]){ __VA_ARGS__, NULL })
#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct log_parser *new_parser(struct log_columns *columns, const char *spec,
                                     enum log_format format, bool keep_query)
{
    struct log_parse_options options = { .format = format, .keep_query = keep_query };
    struct log_parser *parser;
    const char *reason;

    memset(columns, 0, sizeof *columns);
    if (spec) {
        assert_int_equal(log_columns_parse(columns, spec, &reason), 0);
        options.columns = columns;
    }
    assert_int_equal(log_parser_new(&parser, &options, NULL), 0);
    log_parser_begin(parser);
    return parser;
}

/* What a line came to: "TIME USER POST", "TIME USER", "-" for skipped, "! REASON". */
static char *parsed(struct log_parser *parser, const char *line)
{
    static char out[512];
    struct log_fields f;
    int result = log_parse(parser, line, strlen(line), &f);

    if (result == -EINVAL)
        snprintf(out, sizeof out, "! %s", f.reason);
    else if (result == 1 || result == LOG_MORE)
        strcpy(out, result == 1 ? "-" : "more");
    else if (result == 0 && f.has_post)
        snprintf(out, sizeof out, "%llu %.*s %.*s", (unsigned long long)f.time_ms,
                 (int)f.user_length, f.user, (int)f.post_length, f.post);
    else if (result == 0)
        snprintf(out, sizeof out, "%llu %.*s", (unsigned long long)f.time_ms, (int)f.user_length,
                 f.user);
    else
        snprintf(out, sizeof out, "error %d", result);
    return out;
}

/* Pairs of a line and what it comes to. */
static void expect(const char *spec, enum log_format format, bool keep_query,
                   const char *const *pairs)
{
    struct log_columns columns;
    struct log_parser *parser = new_parser(&columns, spec, format, keep_query);

    for (; *pairs; pairs += 2)
        assert_string_equal(parsed(parser, pairs[0]), pairs[1]);
    log_parser_free(parser);
    log_columns_free(&columns);
}

#define STAMP "[17/May/2015:10:05:03 +0000]"
#define NO_STATUS "! no status follows the request in quotes"
#define NO_STAMP(text)                                                                             \
    "! the time stamp '" text "' is neither a number since 1970 nor like 2015-05-17T10:05:03Z"
#define NO_TIME "! there is no time stamp in brackets"

static void reads_access_logs(void **state)
{
    (void)state;
    expect(NULL, LOG_FORMAT_AUTO, false, LINES(
        "1.2.3.4 - - " STAMP " \"GET /a HTTP/1.1\" 200 512", "1431857103000 1.2.3.4 /a",
        "1.2.3.4 - - " STAMP " \"GET /a?b=c&d HTTP/1.0\" 304 -", "1431857103000 1.2.3.4 /a",
        "2001:db8::1 - kim [17/May/2015:12:05:03 +0200] \"POST /x HTTP/2.0\" 200 1 \"-\" \"\\\"\"",
        "1431857103000 2001:db8::1 /x",
        "host.example - a [b] c [17/May/2015:00:35:03 -0930] \"HEAD / HTTP/1.1\" 200 0 \"-\" \"-\"",
        "1431857103000 host.example /",
        "h - - " STAMP " \"GET /say\\\"this\\\" HTTP/1.1\" 404 5 \"r\\\"\" \"u\"",
        "1431857103000 h /say\\\"this\\\"",
        "h - - " STAMP " \"GET /bare\"quote HTTP/1.1\" 404 5", "1431857103000 h /bare\"quote",
        "h - - " STAMP " \"GET /a b HTTP/1.1\" 400 5", "1431857103000 h /a b",
        "h - - " STAMP " \"GET /old\" 200 5", "1431857103000 h /old",
        "h - - " STAMP " \"-\" 408 -", "1431857103000 h",
        "h - - " STAMP " \"\" 400 0", "1431857103000 h",
        "h - - " STAMP " \"\\x16\\x03\\x01 \\x00\" 400 226", "1431857103000 h",
        "h - - " STAMP " \"GET ?only=query HTTP/1.1\" 400 0", "1431857103000 h",
        "", "-", "  \t", "-"));
    expect(NULL, LOG_FORMAT_HTTP, true, LINES(
        "h - - " STAMP " \"GET /a?b=c HTTP/1.1\" 200 512", "1431857103000 h /a?b=c"));
}

static void refuses_what_is_no_access_log(void **state)
{
    (void)state;
    expect(NULL, LOG_FORMAT_AUTO, false, LINES(
        "nonsense", NO_TIME, " - - " STAMP " \"GET / HTTP/1.1\" 200 1", "! the visitor is empty",
        STAMP " \"GET / HTTP/1.1\" 200 1", "! no host stands in front of its time",
        "2015-05-17T10:05:04Z stdout F " STAMP " \"GET / HTTP/1.1\" 200 1", "! no host stands in front of its time",
        "web-1  | " STAMP " \"GET / HTTP/1.1\" 200 1", "! no host stands in front of its time",
        "h - - 17/May/2015 \"GET / HTTP/1.1\" 200 1", NO_TIME,
        "h - - [17/May/2015:10:05:03 +0000", NO_TIME,
        "h - - [30/Feb/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1", "! there is no such day",
        "h - - [17/Mai/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1",
        NO_STAMP("17/Mai/2015:10:05:03 +0000"),
        "h - - " STAMP " GET / HTTP/1.1 200 1", "! no request in quotes follows the time stamp",
        "h - - " STAMP, "! no request in quotes follows the time stamp",
        "h - - " STAMP " \"GET / HTTP/1.1", NO_STATUS, "h - - " STAMP " \"GET / HTTP/1.1\"x", NO_STATUS,
        "h - - " STAMP " \"GET / HTTP/1.1\" x 200 1", NO_STATUS,
        "h - - " STAMP " \"GET / HTTP/1.1\\\" 200 1", NO_STATUS));
    expect(NULL, LOG_FORMAT_AUTO, false, LINES(
        "{\"t\":1}", "! no key is known as the time; say --columns; there are t"));
}

/* Every day of four centuries and some zones, against the C library. */
static void times_agree_with_the_c_library(void **state)
{
    const char *reason;

    (void)state;
    for (int64_t t = 0; t < INT64_C(14000000000); t += 86400 - 37) {
        time_t seconds = (time_t)t;
        struct tm tm;
        char http[64], iso[64];
        uint64_t ms = 1;

        gmtime_r(&seconds, &tm);
        strftime(http, sizeof http, "%d/%b/%Y:%H:%M:%S +0000", &tm);
        strftime(iso, sizeof iso, "%Y-%m-%dT%H:%M:%SZ", &tm);
        assert_true(log_time(http, strlen(http), LOG_UNIT_AUTO, &ms, &reason));
        assert_int_equal(ms, (uint64_t)timegm(&tm) * 1000);
        assert_true(log_time(iso, strlen(iso), LOG_UNIT_AUTO, &ms, &reason));
        assert_int_equal(ms, (uint64_t)t * 1000);
    }
}

static const struct {
    const char *text;
    uint64_t ms; /* 0 = refused */
} stamps[] = {
    { "1431857103", 1431857103000 }, { " 1431857103 ", 1431857103000 },
    { "1431857103.5", 1431857103500 }, { "1431857103.1239", 1431857103123 },
    { "1431857103123", 1431857103123 }, { "9999999999", 9999999999000 },
    { "10000000000", 10000000000 }, { "1431857103123456", 1431857103123 },
    { "1431857103123456789", 1431857103123 }, { "1431857103123.9", 1431857103123 },
    { "1431857103123456.7", 1431857103123 }, { "1.431857103e9", 1431857103000 },
    { "1.4318571031239E+09", 1431857103123 }, { "1431857103123456e-6", 1431857103123 },
    { "1e9", 1000000000000 }, { "1e999", 0 }, { "99999999999999999999999", 0 }, { "1e", 0 },
    { "1431857103,5", 1431857103500 }, { "-", 0 },
    { "-1", 0 }, { "1.", 0 }, { ".5", 0 }, { "0x10", 0 }, { "", 0 }, { "  ", 0 }, { "1 2", 0 },
    { "2015-05-17 10:05:03 UTC", 1431857103000 }, { "2015-05-17 10:05:03.5 gmt", 1431857103500 },
    { "2015-05-17 12:05:03 +0200 CEST", 0 }, { "2015-05-17 10:05:03 +0000 UTC", 1431857103000 },
    { "[2015-05-17T10:05:03Z]", 1431857103000 }, { "2015/05/17 10:05:03", 1431857103000 },
    { "2015-5-7T1:05:03Z", 1430960703000 }, { "17/May/2015:10:05:03", 1431857103000 },
    { "17/MAY/2015:10:05:03 GMT", 1431857103000 }, { "7/may/2015:10:05:03.25 +0000", 1430993103250 },
    { "17-May-2015 10:05:03", 1431857103000 }, { "Sun, 17 May 2015 10:05:03 GMT", 1431857103000 },
    { "20150517T100503Z", 1431857103000 }, { "Sun May 17 10:05:03 2015", 1431857103000 },
    { "2015-05-17T12:05:03+02:00[Europe/Paris]", 1431857103000 },
    { "Sun May  7 10:05:03.5 2015", 1430993103500 }, { "20150517T1005", 0 },
    { "17/Mai/2015:10:05:03", 0 }, { "17/May/2015:10:05:03 CEST", 0 }, { "17/May/15:10:05:03", 0 },
    { "2015-05-17T10:05:03.123Z", 1431857103123 }, { "2015-05-17 10:05:03", 1431857103000 },
    { "2015-05-17t12:05:03+02:00", 1431857103000 }, { "2015-05-17T12:05:03+0200", 1431857103000 },
    { "2015-05-17T12:05:03+02", 1431857103000 }, { "2015-05-17 07:05:03 -0300", 1431857103000 },
    { "2015-05-17T10:05", 1431857100000 }, { "2015-05-17T10:05:03,9999999z", 1431857103999 },
    { "2015-06-30T23:59:60Z", 1435708800000 }, { "2016-02-29T00:00:00Z", 1456704000000 },
    { "9999-12-31T23:59:59.999Z", 253402300799999 }, { "9999-12-31T23:59:59-01:00", 0 },
    { "1970-01-01T00:00:00.001Z", 1 }, { "1969-12-31T23:59:59Z", 0 },
    { "1970-01-01T00:30:00+01:00", 0 }, { "2015-02-29T00:00:00Z", 0 },
    { "2100-02-29T00:00:00Z", 0 }, { "2000-02-29T00:00:00Z", 951782400000 },
    { "2015-02-30T00:00:00Z", 0 }, { "2015-04-31T00:00:00Z", 0 },
    { "2015-13-01T00:00:00Z", 0 }, { "2015-00-01T00:00:00Z", 0 }, { "2015-01-00T00:00:00Z", 0 },
    { "2015-01-32T00:00:00Z", 0 }, { "0000-01-01T00:00:00Z", 0 }, { "2015-05-17T24:00:00Z", 0 },
    { "2015-05-17T10:60:00Z", 0 }, { "2015-05-17T10:05:60Z", 0 }, { "2015-05-17T10:05:61Z", 0 },
    { "2015-05-17T10:05:03+24:00", 0 }, { "2015-05-17T10:05:03+02:60", 0 },
    { "2015-05-17T10:05:03.Z", 0 }, { "2015-05-17T10:05:03Zx", 0 }, { "2015-05-17", 0 },
    { "2015-05-17T10:05:03 ", 1431857103000 }, { "17.05.2015 10:05:03", 1431857103000 },
    { "7.5.2015, 10:05:03.25", 1430993103250 }, { "17.05.2015 10:05", 1431857100000 },
    { "17.13.2015 10:05:03", 0 }, { "17.05.2015", 0 }, { "17.05.15 10:05:03", 0 },
    { "17/05/2015 10:05:03", 0 }, { "5/17/2015 10:05:03", 0 }, { "10:05:03", 0 },
};

static void times_in_columns(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(stamps); i++) {
        uint64_t ms = 7;
        const char *reason = NULL;
        bool good = log_time(stamps[i].text, strlen(stamps[i].text), LOG_UNIT_AUTO, &ms,
                                    &reason);
        if (good != (stamps[i].ms != 0) || (good && ms != stamps[i].ms))
            fail_msg("'%s' came to %d, %llu", stamps[i].text, good, (unsigned long long)ms);
        assert_true(good || reason);
    }
}

static void times_in_access_logs(void **state)
{
    static const char *const bad[] = {
        "29/Feb/2015:10:05:03 +0000", "31/Apr/2015:10:05:03 +0000", "00/May/2015:10:05:03 +0000",
        "17/May/2015:24:05:03 +0000", "17/May/2015:10:60:03 +0000", "17/May/2015:10:05:61 +0000",
        "17/May/2015:10:05:03 +2400", "17/May/2015:10:05:03 +0060", "17/May/2015:10:05:03  0000",
        "17/Mai/2015:10:05:03 +0000", "17_May_2015:10:05:03 +0000", "1 /May/2015:10:05:03 +0000",
        "31/Dec/1969:23:59:59 +0000", "01/Jan/1970:00:00:00 +0100", "17/May/2015:10:05:03 +000x",
    };
    uint64_t ms;
    const char *reason;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (log_time(bad[i], strlen(bad[i]), LOG_UNIT_AUTO, &ms, &reason))
            fail_msg("'%s' was taken for a time", bad[i]);
    assert_true(log_time("29/Feb/2016:23:59:59 -1200", 26, LOG_UNIT_AUTO, &ms, &reason));
    assert_int_equal(ms, UINT64_C(1456833599000));
    assert_true(log_time("31/Dec/1969:23:00:00 -0100", 26, LOG_UNIT_AUTO, &ms, &reason));
    assert_int_equal(ms, 0);
}

static void reads_csv(void **state)
{
    (void)state;
    expect("time=ts,user=uid,post=path", LOG_FORMAT_AUTO, false, LINES(
        "# made by hand", "! there is no column 'ts'; there are # made by hand",
        "path,x,uid,ts", "-",
        "/a?b,1,kim,1431857103", "1431857103000 kim /a",
        "\"/a,b\",1,\"k \"\"m\"\"\",2015-05-17T10:05:03Z", "1431857103000 k \"m\" /a,b",
        ",1,kim,1431857103", "1431857103000 kim",
        "why?,1,kim,1431857103", "1431857103000 kim why?",
        "/a,1,,1431857103", "! the visitor is empty",
        "/a,1,kim", "! it has too few columns",
        "\"/a,1,kim,1431857103", "more", "\"/a\nb\",1,kim,1431857103", "1431857103000 kim /a\nb",
        "/a\"b,1,kim,1431857103", "1431857103000 kim /a\"b",
        "/c,1,kim,1431857103", "1431857103000 kim /c",
        "path,x,uid,ts", "-",
        "PATH, X , Uid,TS", "-",
        "/d,1,kim,x", NO_STAMP("x")));
    expect("ts,uid,pth", LOG_FORMAT_AUTO, false, LINES("ts,uid,path",
        "! there is no column 'pth'; did you mean 'path'?  There are ts, uid, path"));
    expect("t,u,p", LOG_FORMAT_AUTO, false, LINES("u|t|p", "-", "kim|5|/a", "5000 kim /a"));
    expect("t,u", LOG_FORMAT_CSV, false, LINES("u\tt", "-", "a b\t5", "5000 a b"));
    expect("t,u,p", LOG_FORMAT_CSV, true, LINES("t;u;p", "-", "5;kim;/a?b", "5000 kim /a?b"));
    expect("3,1", LOG_FORMAT_AUTO, false, LINES("who,what,when", "-", "kim,x,5", "5000 kim",
        "who,what,when", NO_STAMP("when")));
    expect("1,2,3", LOG_FORMAT_AUTO, false, LINES("5,kim,/a", "5000 kim /a", "6,kim",
                                                  "6000 kim"));
}

static void reads_json(void **state)
{
    (void)state;
    expect("time=ts,user=u.id,post=post", LOG_FORMAT_AUTO, false, LINES(
        "{\"ts\":1431857103.123,\"u\":{\"id\":\"kim\"},\"post\":\"/a?b\"}", "1431857103123 kim /a",
        "{\"ts\":1431857103123,\"u\":{\"id\":-7},\"post\":9}", "1431857103123 -7 9",
        "{\"ts\":\"2015-05-17T10:05:03Z\",\"u.id\":\"lee\",\"post\":null}", "1431857103000 lee",
        " {\"ts\":5,\"u\":{\"id\":\"a\\u00e9\\\"\"}}", "5000 a\xc3\xa9\"",
        "{\"ts\":5,\"u\":{\"id\":\"\"}}", "! the visitor is empty",
        "{\"ts\":5}", "! there is no key 'u.id'; there are ts",
        "{\"ts\":5,\"u\":{\"ip\":1.5}}", "! there is no key 'u.id'; did you mean 'u.ip'?  There are "
                                         "ts, u.ip",
        "{\"ts\":5,\"u\":{\"id\":true}}", "! the visitor is neither a string nor a number",
        "{\"ts\":5,\"u\":{\"id\":1.5}}", "5000 1.5", "{\"ts\":5,\"u\":{\"id\":7.0}}", "5000 7",
        "{\"ts\":5,\"u\":{\"id\":[\"a\",\"b\"]}}", "5000 a",
        "{\"ts\":5,\"u\":{\"id\":\"a\xff\\x22\"},\"rt\":-}", "5000 a\xc3\xbf\"",
        "{\"ts\":5,\"u\":{\"id\":1}},", "5000 1",
        "{\"ts\":5,\"u\":{\"id\":1},\"x\":,\"y\": NaN,\"z\":-Infinity,\"w\":18446744073709551615}",
        "5000 1",
        "{\"ts\":1.001,\"u\":{\"id\":1}}", "1001 1", /* its double lies below */
        "{\"ts\":5,\"u\":{\"id\":1},\"post\":{}}",
        "! the post is neither a string nor a number",
        "{\"u\":{\"id\":1}}", "! there is no key 'ts'; there are u.id",
        "{\"ts\":true,\"u\":{\"id\":1}}", "! the time stamp is neither a number nor a string",
        "{\"ts\":-5,\"u\":{\"id\":1}}", "! the time stamp lies before 1970",
        "{\"ts\":-0.5,\"u\":{\"id\":1}}", "! the time stamp lies before 1970",
        "{\"ts\":1e300,\"u\":{\"id\":1}}", "! the time stamp lies after the year 9999",
        "[1]", "! it is JSON, but no object", "{\"ts\":5", "! it is not valid JSON"));
}

/* Each file is looked at anew, and only a good line decides. */
static void finds_the_format(void **state)
{
    struct log_columns columns;
    struct log_parser *p = new_parser(&columns, "ts,uid", LOG_FORMAT_AUTO, false);
    const char *csv[] = { "x", "uid,ts", "kim,5" }, *json[] = { "x", "{\"ts\":5,\"uid\":\"kim\"}" };
    const char *http = "kim - - [01/Jan/1970:00:00:05 +0000] \"-\" 200 5";

    (void)state;
    for (int i = 0; i < 3; i++)
        parsed(p, csv[i]);
    assert_string_equal(parsed(p, csv[2]), "5000 kim");
    assert_string_equal(parsed(p, json[1]), "more");
    log_parser_begin(p);
    parsed(p, json[0]);
    assert_string_equal(parsed(p, json[1]), "5000 kim");
    assert_string_equal(parsed(p, csv[2]), "! it is not valid JSON");
    log_parser_begin(p);
    assert_string_equal(parsed(p, http), "5000 kim");
    log_parser_free(p);
    log_columns_free(&columns);
}

static void columns_are_checked(void **state)
{
    static const char *const bad[] = { "", "time=a", "a", "time=a,b", "a,b,c,d", "time=a,time=b",
                                       "time=a,user=", "a,,b", "time=a,user=b,who=c",
                                       "user=b,post=c" };
    struct log_columns c;
    const char *reason;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        reason = NULL;
        assert_int_equal(log_columns_parse(&c, bad[i], &reason), -EINVAL);
        assert_non_null(reason);
    }
    assert_int_equal(log_columns_parse(&c, "post=p=q,user=2,time=1", &reason), 0);
    assert_string_equal(c.post, "p=q");
    assert_false(c.numbered);
    log_columns_free(&c);
    assert_int_equal(log_columns_parse(&c, "1,2", &reason), 0);
    assert_true(c.numbered && !c.post);
    log_columns_free(&c);
}

static const struct {
    const char *spec, *header, *line;
} good[] = {
    { NULL, NULL, "1.2.3.4 - - " STAMP " \"GET /a?b HTTP/1.1\" 200 512 \"-\" \"M \\\"q\\\"\"" },
    { "ts,uid,path", "ts,uid,path", "2015-05-17T10:05:03.123+02:00,\"k \"\"m\"\"\",/a?b" },
    { "ts,u.id,path", NULL, "{\"ts\":1431857103.5,\"u\":{\"id\":\"kim\\n\"},\"path\":\"/a?b\"}" },
};

/* A copy with a few bytes changed, in memory that ends where the line does. */
static char *mutated(struct support_random *r, const char *line, size_t *length)
{
    static const char likely[] = "\"\\[]{},: ?/-+0\r\t\0\xff";
    size_t old = strlen(line);
    char *copy;

    *length = support_below(r, 4) ? old : support_below(r, old + 1);
    copy = malloc(*length + !*length);
    memcpy(copy, line, *length);
    for (uint64_t i = support_below(r, 6); i && *length; i--) {
        size_t at = support_below(r, *length);
        copy[at] = support_below(r, 2) ? likely[support_below(r, sizeof likely)]
                                       : (char)support_below(r, 256);
    }
    return copy;
}

static void survives_any_line(void **state)
{
    struct support_random r = { support_seed() };
    unsigned readable = 0, refused = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        struct log_columns columns;
        struct log_parser *p = new_parser(&columns, good[i].spec, LOG_FORMAT_AUTO, false);
        if (good[i].header)
            parsed(p, good[i].header);
        for (int turn = 0; turn < 20000; turn++) {
            struct log_fields f;
            size_t length;
            char *line = mutated(&r, good[i].line, &length);
            int result = log_parse(p, line, length, &f);
            assert_true(result == 0 || result == 1 || result == LOG_MORE ||
                        (result == -EINVAL && f.reason));
            readable += result == 0;
            refused += result == -EINVAL;
            if (result == 0) {
                char *copy = malloc(f.user_length + f.post_length); /* all of it must be there */
                memcpy(copy, f.user, f.user_length);
                if (f.has_post)
                    memcpy(copy + f.user_length, f.post, f.post_length);
                free(copy);
                assert_true(f.user_length && f.time_ms <= UINT64_C(253402300799999));
            }
            free(line);
        }
        assert_string_not_equal(parsed(p, good[i].line), "-");
        assert_true(parsed(p, good[i].line)[0] != '!');
        log_parser_free(p);
        log_columns_free(&columns);
    }
    assert_true(readable > 1000 && refused > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_access_logs),
        cmocka_unit_test(refuses_what_is_no_access_log),
        cmocka_unit_test(times_agree_with_the_c_library),
        cmocka_unit_test(times_in_columns),
        cmocka_unit_test(times_in_access_logs),
        cmocka_unit_test(reads_csv),
        cmocka_unit_test(reads_json),
        cmocka_unit_test(finds_the_format),
        cmocka_unit_test(columns_are_checked),
        cmocka_unit_test(survives_any_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
