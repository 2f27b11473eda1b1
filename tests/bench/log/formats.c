/*
 * formats.c - logs of every kind that is understood, found out by themselves: a few lines of
 * each, and the events that they must become.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/log/log.h"
#include "tests/bench/log/files.h"

#define AT "1714550402000 " /* 2024-05-01 08:00:02 UTC */
#define CLF "[01/May/2024:08:00:02 +0000]"
#define REQUEST "\"GET /a?b HTTP/1.1\" 200 5 \"-\" \"agent\"\n"
#define LINE(client) client " - - " CLF " " REQUEST
#define QUOTED(client) "\"" client " - - " CLF " \"\"GET /a, b HTTP/1.1\"\" 200 5\"\n"
#define WRAPPED(client)                                                                            \
    client " - - " CLF " \\\"GET /a HTTP/1.1\\\" 200 5\\n\",\"stream\":\"stdout\"}\n"

static const struct kind {
    const char *name, *columns, *text;
    const char *events; /* "TIME USER POST;" for each */
    const char *format; /* in words */
    uint64_t unreadable;
} kinds[] = {
    { "common", NULL, "192.0.2.1 - - " CLF " \"GET /a HTTP/1.1\" 200 5\n", AT "192.0.2.1 /a;", "log",
      0 },
    { "indented", NULL, " " LINE("192.0.2.1"), AT "192.0.2.1 /a;", "log", 0 },
    { "virtual host", NULL, LINE("shop.example.org 192.0.2.1") LINE("shop.example.org 192.0.2.2"),
      AT "192.0.2.1 /a;" AT "192.0.2.2 /a;", "log, field 2 is the visitor", 0 },
    { "virtual host and names", NULL, LINE("shop.example.org kim.example.org"),
      AT "kim.example.org /a;", "log, field 2 is the visitor", 0 },
    { "virtual host and port", NULL, LINE("a.example:80 2001:db8::1"), AT "2001:db8::1 /a;",
      "log, field 2 is the visitor", 0 },
    { "ports", NULL, LINE("192.0.2.1:4711") LINE("[2001:db8::1]:80") LINE("[2001:db8::2]"),
      AT "192.0.2.1 /a;" AT "2001:db8::1 /a;" AT "2001:db8::2 /a;", "log", 0 },
    { "syslog", NULL, LINE("<133>May  1 08:00:02 10.0.0.9 nginx[8]: 192.0.2.1")
                      LINE("<133>May  1 08:00:02 10.0.0.9 nginx[8]: 192.0.2.2"),
      AT "192.0.2.1 /a;" AT "192.0.2.2 /a;", "log, field 6 is the visitor", 0 },
    { "container", NULL, LINE("2024-05-01T08:00:02.1Z stdout F 192.0.2.1"), AT "192.0.2.1 /a;",
      "log, field 4 is the visitor", 0 },
    { "container, cut", NULL, "2024-05-01T08:00:02Z stdout P 192.0.2.1 - - [01/\n"
      "2024-05-01T08:00:02Z stdout F May/2024:08:00:02 +0000] " REQUEST, AT "192.0.2.1 /a;",
      "log, field 4 is the visitor", 0 },
    { "container, and not", NULL, LINE("192.0.2.1") LINE("2024-05-01T08:00:09Z stdout F 192.0.2.2"),
      AT "192.0.2.1 /a;" AT "192.0.2.2 /a;", "log, field 4 is the visitor", 0 },
    { "compose", NULL, LINE("web-1  | 192.0.2.1"), AT "192.0.2.1 /a;",
      "log, field 3 is the visitor", 0 },
    { "port behind bare IPv6", NULL, LINE("2001:db8::1:33000") LINE("2001:db8:0:0:0:0:0:2:80")
      LINE("2001:db8::3:4711") LINE("a.log:2001:db8::1:33001"), AT "2001:db8::1 /a;"
      AT "2001:db8::2 /a;" AT "2001:db8::3:4711 /a;" AT "2001:db8::1 /a;", "log", 0 },
    { "grep", NULL, LINE("access.log:192.0.2.1") LINE("a/b.log:17:192.0.2.2") LINE("a.log:2001:db8::1"),
      AT "192.0.2.1 /a;" AT "192.0.2.2 /a;" AT "2001:db8::1 /a;", "log", 0 },
    { "grep with context", NULL, LINE("a.log-7-192.0.2.1") LINE("a.log:8:192.0.2.2") "--\n"
      LINE("a-b/c-192.0.2.3:80") LINE("9-2001:db8::1"),
      AT "192.0.2.1 /a;" AT "192.0.2.2 /a;" AT "192.0.2.3 /a;" AT "2001:db8::1 /a;", "log", 0 },
    { "grep with context, syslog", NULL, LINE("a.log:7:May  1 08:00:02 web app[8]: 192.0.2.1")
      LINE("a.log-8-May  1 08:00:02 web app[8]: 192.0.2.2"), AT "192.0.2.1 /a;" AT "192.0.2.2 /a;",
      "log, field 6 is the visitor", 0 },
    { "json in grep's context", "ts,ip", "a.log:7:{\"ts\":1714550402,\"ip\":\"192.0.2.1\"}\n--\n"
      "a.log-8-{\"ts\":1714550402,\"ip\":\"192.0.2.2\"}\n", AT "192.0.2.1;" AT "192.0.2.2;", "text and json", 0 },
    { "one client in several spellings", NULL, LINE("::ffff:192.0.2.1") LINE("192.0.2.1")
      LINE("2001:DB8:0::3") LINE("[2001:db8::0003]:80"), AT "192.0.2.1 /a;" AT "192.0.2.1 /a;"
      AT "2001:db8::3 /a;" AT "2001:db8::3 /a;", "log", 0 },
    { "lines that end in CR, and not", NULL, "h - - " CLF " \"GET /a HTTP/1.1\" 200\rh - - " CLF
      " \"GET /b HTTP/1.1\" 200\rh - - " CLF " \"GET /c HTTP/1.1\" 200\n",
      AT "h /a;" AT "h /b;" AT "h /c;", "log", 0 },
    { "forwarded", NULL, LINE("192.0.2.1, 10.0.0.1"), AT "192.0.2.1 /a;", "log", 0 },
    { "a name like a time", NULL, "192.0.2.1 - " CLF " " CLF " " REQUEST
                                  "192.0.2.1 - [30/Feb/2024:08:00:02 +0000] " CLF " " REQUEST
                                  "192.0.2.1 - a\"b " CLF " " REQUEST,
      AT "192.0.2.1 /a;" AT "192.0.2.1 /a;" AT "192.0.2.1 /a;", "log", 0 },
    { "a name with a bracket", NULL, "192.0.2.1 - [01/May/2024:08:00:01 " CLF " " REQUEST
                                     "192.0.2.1 - x[01/May/2024:08:00:01 +0000 " CLF " " REQUEST,
      AT "192.0.2.1 /a;" AT "192.0.2.1 /a;", "log", 0 },
    { "fields between", NULL, "192.0.2.1 - - " CLF " [0.003] [PORT 80] " REQUEST
                              "192.0.2.1 - - " CLF "  0.701 0.701 " REQUEST,
      AT "192.0.2.1 /a;" AT "192.0.2.1 /a;", "log", 0 },
    { "quotes between", NULL, "192.0.2.1 - - " CLF " \"shop.example\" " REQUEST
                              "192.0.2.1 - - " CLF " \"shop.example\" \"GET /a HTTP/1.1\" 200\n"
                              "192.0.2.1 - - " CLF " \"-\" 400 0 \"-\" \"GET /b\"\n",
      AT "192.0.2.1 /a;" AT "192.0.2.1 /a;" AT "192.0.2.1;", "log", 0 },
    { "a number in brackets", NULL, "192.0.2.1 - - [1714550402.000] [7] " REQUEST
                                    "192.0.2.1 - - [1714550402000] " REQUEST
                                    "192.0.2.1 - - " CLF " [1999999999] " REQUEST,
      AT "192.0.2.1 /a;" AT "192.0.2.1 /a;" AT "192.0.2.1 /a;", "log", 0 },
    { "status", NULL, "h - - " CLF " \"GET /a HTTP/1.1\" 200\nh - - " CLF " \"GET /a HTTP/1.1\" - -\n"
                      "h - - " CLF " \"GET /a HTTP/1.1\" \"200\" \"5\"\n"
                      "h - - " CLF " \"GET /a HTTP/1.1\" 0 200 5\n",
      AT "h /a;" AT "h /a;" AT "h /a;" AT "h /a;", "log", 0 },
    { "times", NULL, "h - - [01/MAY/2024:08:00:02] " REQUEST "h - - [01/May/2024:08:00:02 GMT] " REQUEST
                     "h - - [1/May/2024:08:00:02.000 +0000] " REQUEST
                     "h - - [2024-05-01T08:00:02+00:00] " REQUEST,
      AT "h /a;" AT "h /a;" AT "h /a;" AT "h /a;", "log", 0 },
    { "haproxy", NULL, "May  1 08:00:02 lb haproxy[14389]: 192.0.2.1:33317 [01/May/2024:08:00:02.500] "
      "http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {a} {} "
      "\"GET /a HTTP/1.1\"\n", "1714550402500 192.0.2.1 /a;", "log, field 6 is the visitor", 0 },
    { "traefik", NULL, "192.0.2.1 - - " CLF " \"GET /a HTTP/1.1\" 200 5 \"-\" \"-\" 1 \"web@docker\" "
      "\"http://172.17.0.2:80\" 2ms\n", AT "192.0.2.1 /a;", "log", 0 },
    { "squid", NULL, "1714550402.000    120 192.0.2.1 TCP_MISS/200 4512 GET http://example.org/a?b - "
      "HIER_DIRECT/203.0.113.1 text/html\n", AT "192.0.2.1 http://example.org/a;", "squid", 0 },
    { "alb", NULL, "https 2024-05-01T08:00:02.000000Z app/lb/1 192.0.2.1:3000 10.0.0.1:80 0.001 0.002 "
      "0.000 200 200 34 366 \"GET https://example.org:443/a HTTP/1.1\" \"curl\" - - arn\n"
      "http 2024-05-01T08:00:02.000000Z app/lb/1 192.0.2.2:3000 - -1 -1 -1 460 - 34 366 "
      "\"GET https://example.org:443/a HTTP/1.1\" \"curl\" - - arn\n",
      AT "192.0.2.1 https://example.org:443/a;" AT "192.0.2.2 https://example.org:443/a;", "alb", 0 },
    { "elb", NULL, "2024-05-01T08:00:02.000000Z lb 192.0.2.1:2817 10.0.0.1:80 0.00007 0.001 0.00005 "
      "200 200 0 29 \"GET http://example.org:80/a HTTP/1.1\" \"curl\" - -\n",
      AT "192.0.2.1 http://example.org:80/a;", "elb", 0 },
    { "s3", NULL, "79a59df9 bucket " CLF " 192.0.2.1 79a59df9 3E57427F REST.GET.OBJECT a "
      "\"GET /bucket/a HTTP/1.1\" 200 - 113 - 7 - \"-\" \"S3Console\" -\n",
      AT "192.0.2.1 /bucket/a;", "s3", 0 },
    { "envoy", NULL, "[2024-05-01T08:00:02.000Z] \"GET /a HTTP/2\" 200 - 0 5 1 - \"192.0.2.1\" \"x y\" "
      "\"id\" \"host\" \"10.0.0.1:80\"\n", AT "192.0.2.1 /a;", "envoy", 0 },
    { "istio", NULL, "[2024-05-01T08:00:02.000Z] \"GET /a HTTP/1.1\" 200 - via_upstream - \"-\" 0 5 2 1 "
      "\"192.0.2.1\" \"x y\" \"id\" \"host\" \"10.0.0.1:80\" inbound|80|| 10.0.0.2:1 - default\n",
      AT "192.0.2.1 /a;", "envoy", 0 },
    { "colours", NULL, "INFO:werkzeug:192.0.2.1 - - [01/May/2024 08:00:02] "
      "\"\x1b[36mGET /a HTTP/1.1\x1b[0m\" 304 -\n", AT "192.0.2.1 /a;", "log", 0 },
    { "tabs", NULL, "192.0.2.1\t-\t-\t" CLF "\t\"GET /a HTTP/1.1\"\t200\t5\n", AT "192.0.2.1 /a;", "log",
      0 },
    { "json sequence", "ts,ip", "\x1e{\"ts\":1714550402,\"ip\":\"192.0.2.1\"}\n\x1e{\"ts\":1714550402,\n"
      "\"ip\":\"192.0.2.2\"}\n", AT "192.0.2.1;" AT "192.0.2.2;", "json", 0 },
    { "iis", NULL, "#Software: IIS\n#Fields: date time s-ip cs-method cs-uri-stem c-ip sc-status\n"
      "2024-05-01 08:00:02 10.0.0.1 GET /a 192.0.2.1 200\n"
      "#Fields: c-ip cs-uri-stem time date\n192.0.2.2 /b 08:00:02 2024-05-01\n",
      AT "192.0.2.1 /a;" AT "192.0.2.2 /b;", "w3c", 0 },
    { "iis, the day in front", NULL, "#Date: 2024-05-01 00:00:00\n#Fields: time c-ip cs-uri-stem\n"
      "08:00:02 192.0.2.1 /a\n", AT "192.0.2.1 /a;", "w3c", 0 },
    { "cloudfront", NULL, "#Version: 1.0\n#Fields: date time c-ip cs-uri-stem\n"
      "2024-05-01\t08:00:02\t192.0.2.1\t/a\n", AT "192.0.2.1 /a;", "w3c", 0 },
    { "w3c with whole addresses", NULL, "#Fields: date time c-ip cs-uri\n2024-05-01 08:00:02 192.0.2.1 /a\n",
      AT "192.0.2.1 /a;", "w3c", 0 },
    { "zeek", "ts,id.orig_h,uri", "#fields\tts\tuid\tid.orig_h\turi\n1714550402.000000\tC\t192.0.2.1\t/a\n",
      AT "192.0.2.1 /a;", "w3c", 0 },
    { "csv with known names", NULL, "Path, X, IP, Timestamp\n/a?b, , 192.0.2.1, 2024-05-01 08:00:02 UTC\n",
      AT "192.0.2.1 /a;", "csv", 0 },
    { "csv with names as people write them", NULL, "Time Stamp,CLIENT IP,Request-URI\n"
      "1714550402,192.0.2.1,/a\n", AT "192.0.2.1 /a;", "csv", 0 },
    { "csv of whole lines", NULL, QUOTED("192.0.2.1") QUOTED("192.0.2.2"),
      AT "192.0.2.1 /a, b;" AT "192.0.2.2 /a, b;", "csv around log", 0 },
    { "csv of whole lines, one cut off", NULL, QUOTED("192.0.2.1") LINE("192.0.2.2") QUOTED("192.0.2.3"),
      AT "192.0.2.1 /a, b;" AT "192.0.2.3 /a, b;", "csv around log", 1 },
    { "csv of whole lines and a header", NULL, "entry\n" QUOTED("192.0.2.1") "entry\n" QUOTED("192.0.2.2"),
      AT "192.0.2.1 /a, b;" AT "192.0.2.2 /a, b;", "csv around log", 0 },
    { "csv with the post first", NULL, "path,time,ip\n/a,1714550402,192.0.2.1\n", AT "192.0.2.1 /a;",
      "csv", 0 },
    { "csv without a header", "1,2,3", "2024-05-01 08:00:02,192.0.2.1,/a\n2024-05-01 08:00:02,192.0.2.2,/b\n",
      AT "192.0.2.1 /a;" AT "192.0.2.2 /b;", "csv", 0 },
    { "csv with a column of lines", NULL, "@timestamp,@message\n"
      "2024-05-01 08:00:09.000," QUOTED("192.0.2.1") "2024-05-01 08:00:09.000," QUOTED("192.0.2.2"),
      AT "192.0.2.1 /a, b;" AT "192.0.2.2 /a, b;", "csv around log", 0 },
    { "csv around json", NULL, "_time,_raw\n2024-05-01 08:00:02,\"{\"\"ip\"\":\"\"192.0.2.1\"\",\"\"path\"\":\"\"/a\"\"}\"\n",
      AT "192.0.2.1 /a;", "csv around json", 0 },
    { "csv with date and time", NULL, "date,time,ip,path\n2024-05-01,08:00:02,192.0.2.1,/a\n",
      AT "192.0.2.1 /a;", "csv", 0 },
    { "json with names as people write them", NULL,
      "{\"Timestamp\":1714550402,\"Client_IP\":\"192.0.2.1\",\"PATH\":\"/a\"}\n",
      AT "192.0.2.1 /a;", "json", 0 },
    { "csv over lines", "ts,ip,path", "ts,ip,path,note\n1714550402,192.0.2.1,/a,\"two\nlines\"\n"
      "1714550402,192.0.2.2,/a,\"open\n1714550402,192.0.2.3,/a,10\" tab\n",
      AT "192.0.2.1 /a;" AT "192.0.2.3 /a;", "csv", 1 },
    { "caddy", NULL, "{\"level\":\"info\",\"ts\":1714550402.0,\"request\":{\"remote_ip\":\"192.0.2.1\","
      "\"method\":\"GET\",\"uri\":\"/a?b\",\"headers\":{\"User-Agent\":[\"x\"]}},\"status\":200}\n",
      AT "192.0.2.1 /a;", "json", 0 },
    { "traefik json", NULL, "{\"ClientAddr\":\"192.0.2.1:5\",\"ClientHost\":\"192.0.2.1\","
      "\"RequestPath\":\"/a\",\"StartUTC\":\"2024-05-01T08:00:02.000000000Z\",\"time\":\"x\"}\n",
      AT "192.0.2.1 /a;", "json", 0 },
    { "nginx json", NULL, "{\"time_local\":\"01/May/2024:08:00:02 +0000\",\"remote_addr\":\"192.0.2.1\","
      "\"request\":\"GET /a?b HTTP/1.1\",\"rt\":-,\"ua\":\"\\x22\xff\"}\n",
      AT "192.0.2.1 /a;", "json", 0 },
    { "nanoseconds", NULL, "{\"EdgeStartTimestamp\":1714550402000000000,\"ClientIP\":\"192.0.2.1\","
      "\"ClientRequestURI\":\"/a\"}\n", AT "192.0.2.1 /a;", "json", 0 },
    { "json array", "ts,ip,uri", "[\n{\"ts\":1714550402,\"ip\":\"192.0.2.1\",\"uri\":\"/a\"},\n"
      "{\"ts\":1714550402,\"ip\":\"192.0.2.2\",\"uri\":\"/a\"}\n]\n",
      AT "192.0.2.1 /a;" AT "192.0.2.2 /a;", "json", 0 },
    { "json over lines", "ts,ip,uri", "{\n \"ts\": 1714550402,\n \"ip\": \"192.0.2.1\"\n}\n",
      AT "192.0.2.1;", "json", 0 },
    { "docker", NULL, "{\"log\":\"" WRAPPED("192.0.2.1") "{\"log\":\"" WRAPPED("192.0.2.2"),
      AT "192.0.2.1 /a;" AT "192.0.2.2 /a;", "json around log", 0 },
    { "journal", NULL, "{\"MESSAGE\":\"" WRAPPED("shop.example 192.0.2.1"), AT "192.0.2.1 /a;",
      "json around log, field 2 is the visitor", 0 },
    { "json behind a prefix", "ts,ip,uri", "2024-05-01T08:00:02Z stdout F {\"ts\":1714550402,"
      "\"ip\":\"192.0.2.1\",\"uri\":\"/a\"}\n", AT "192.0.2.1 /a;", "text and json", 0 },
    { "json without a time behind one", NULL, "2024/05/01 08:00:02.000\tINFO\thttp.log.access\thandled\t"
      "{\"request\":{\"client_ip\":\"192.0.2.1\",\"uri\":\"/a\"}}\n", AT "192.0.2.1 /a;", "text and json",
      0 },
    { "json without a time in an object that has one", NULL, "{\"log\":\"{\\\"ip\\\":\\\"192.0.2.1\\\"}\\n\","
      "\"time\":\"2024-05-01T08:00:02Z\"}\n", AT "192.0.2.1;", "json around json", 0 },
    { "elastic", NULL, "{\"@timestamp\":\"2024-05-01T08:00:02Z\",\"source\":{\"ip\":\"192.0.2.1\"},"
      "\"url\":{\"original\":\"/a?b\"}}\n", AT "192.0.2.1 /a;", "json", 0 },
    { "front door", NULL, "{\"time\":\"2024-05-01T08:00:02Z\",\"properties\":{\"clientIp\":\"192.0.2.1\","
      "\"requestUri\":\"https://a.example/a\"}}\n", AT "192.0.2.1 https://a.example/a;", "json", 0 },
    { "milliseconds from zero", "ts,ip", "ts,ip\n1000,a\n5000,b\n12000,a\n13000,a\n",
      "1000 a;5000 b;12000 a;13000 a;", "csv, times in milliseconds", 0 },
    { "seconds from zero", "ts,ip", "ts,ip\n1000,a\n5001,b\n12000,a\n13000,a\n",
      "1000000 a;5001000 b;12000000 a;13000000 a;", "csv", 0 },
};

static int read_kind(const struct kind *k, struct log *log, const struct log_options *more)
{
    const char *const files[] = { log_path };
    struct log_options options = *more;
    struct log_columns columns;
    const char *reason;

    if (k->columns) {
        assert_int_equal(log_columns_parse(&columns, k->columns, &reason), 0);
        options.parse.columns = &columns;
    }
    log_init(log);
    int error = log_read(log, files, 1, &options);
    if (k->columns)
        log_columns_free(&columns);
    return error;
}

static void add_events(struct text *t, const struct log *log)
{
    char line[256];

    for (size_t i = 0; i < log->count; i++) {
        const struct log_event *e = &log->events[i];
        bool post = e->post != LOG_NO_POST;
        int n = snprintf(line, sizeof line, "%llu %s%s%s;", (unsigned long long)e->time_ms,
                         names_text(&log->users, e->user, NULL), post ? " " : "",
                         post ? names_text(&log->posts, e->post, NULL) : "");
        text_add(t, line, (size_t)n);
    }
    text_add(t, "", 1);
}

static void finds_each_kind_out(void **state)
{
    static const struct log_options plain = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct kind *k = &kinds[i];
        struct text got = { 0 };
        struct log log;
        log_file_write(k->text, strlen(k->text));
        if (read_kind(k, &log, &plain))
            fail_msg("%s: %s", k->name, log.message);
        add_events(&got, &log);
        if (strcmp(got.bytes, k->events) != 0 || log.unreadable != k->unreadable ||
            strcmp(log.files[0].format, k->format) != 0)
            fail_msg("%s (%s, %llu unreadable: %s) became %s", k->name, log.files[0].format,
                     (unsigned long long)log.unreadable, log.complaints[0].reason, got.bytes);
        free(got.bytes);
        log_free(&log);
    }
}

/* What stands in front of each line: of containers, compose, pods, grep, syslog, and people. */
static const char *const fronts[] = {
    "2024-05-01T08:00:09.1Z stdout F ", "2024-05-01T08:00:09Z ", "web-1  | ", "[pod/web-1/nginx] ",
    "web-1  | 2024-05-01T08:00:09Z ", "a.log:", "/var/log/a.log:17:", "a.log:17:1:", "   ", "\t",
    "May  1 08:00:09 web app[12]: ", "<134>May 11 08:00:09 10.0.0.9 app: ",
    "<134>1 2024-05-01T08:00:09Z web app 1 - - ", "2024-05-01T08:00:09+00:00 web app[1]: ",
    "<13>1 2024-05-01T08:00:09Z 10.0.0.9 app 1 x [a@1 b=\"c d\"] ",
};

/* Whose records are lines no longer behind a front: they may be refused, but not misread. */
static const char over_lines[] = "container, cut, lines that end in CR, and not, json sequence, json over lines, csv over lines, "
                                 "csv of whole lines, one cut off";

/* Behind each front, each format says the same, or that it is not understood. */
static void fronts_change_nothing(void **state)
{
    static const struct log_options plain = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        for (size_t f = 0; f < sizeof fronts / sizeof *fronts; f++) {
            struct text text = { 0 }, got = { 0 };
            struct log log;
            for (const char *at = kinds[i].text; *at; at += strcspn(at, "\n") + 1) {
                text_add(&text, fronts[f], strlen(fronts[f]));
                text_add(&text, at, strcspn(at, "\n") + 1);
            }
            log_file_write(text.bytes, text.length);
            int error = read_kind(&kinds[i], &log, &plain);
            add_events(&got, &log);
            bool refused = (error || log.unreadable > log.count) && strstr(over_lines, kinds[i].name);
            if (strcmp(got.bytes, kinds[i].events) != 0 && !refused)
                fail_msg("%s behind '%s' (%s, %llu unreadable: %s) became %s%s", kinds[i].name,
                         fronts[f], log.files[0].format, (unsigned long long)log.unreadable,
                         log.complaints[0].reason, got.bytes, log.message);
            free(text.bytes);
            free(got.bytes);
            log_free(&log);
        }
}

/* What stood there before a file was cut to nothing, a hole, and the line behind it or its rest. */
static void a_hole_tears_two_lines(void **state)
{
    static const char text[] = LINE("192.0.2.1") "192.0.2.2 - - [01/M\0\0\0" LINE("192.0.2.3")
                               LINE("192.0\0\0\0\0.2.4") LINE("192.0.2.5") "\0\0" LINE("192.0.2.6");
    const char *const files[] = { log_path };
    struct log_options options = { 0 };
    struct log log;

    (void)state;
    log_file_write(text, sizeof text - 1);
    log_init(&log);
    assert_int_equal(log_read(&log, files, 1, &options), 0);
    assert_int_equal(log.count, 4);
    assert_string_equal(names_text(&log.users, 1, NULL), "192.0.2.3");
    assert_string_equal(names_text(&log.users, 2, NULL), "192.0.2.5");
    assert_int_equal(log.unreadable, 3);
    assert_string_equal(log.complaints[0].reason, "a hole of zero bytes cuts it off");
    assert_int_equal(log.complaints[1].line, 3);
    assert_string_equal(log.complaints[2].reason, "a hole of 4 bytes stands in front of it");
    assert_int_equal(log.complaints[2].line, 3);
    log_free(&log);
}

/* A record of several lines is named by its first, also among those that are looked at. */
static void records_are_named_by_their_first_line(void **state)
{
    const char *const files[] = { log_path };
    static const char text[] = "{\n\"ts\": 1\n}\n{\n\"ts\": 2\n}\n";
    struct log_options options = { .parse = { .format = LOG_FORMAT_JSON } };
    struct log log;

    (void)state;
    log_file_write(text, sizeof text - 1);
    log_init(&log);
    assert_int_equal(log_read(&log, files, 1, &options), -ENODATA);
    assert_int_equal(log.complaints[0].line, 1);
    assert_int_equal(log.complaints[1].line, 4);
    log_free(&log);
}

/* The visitor's field, the unit of time and the rules can be said. */
static void what_is_found_out_can_be_said(void **state)
{
    static const struct kind last = { "last field", NULL, "10.0.0.1 - - " CLF
        " \"GET /a HTTP/1.1\" 200 5 \"-\" \"a b\" \"192.0.2.1, 10.0.0.7\"\n", NULL, NULL, 0 };
    static const struct kind micro = { "unit", "ts,ip", "ts,ip\n1500000,a\n", NULL, NULL, 0 };
    static const struct kind squid = { "field of a rule", NULL, "1714550402.000 1 192.0.2.1 A/200 5 "
        "GET http://example.org/ kim HIER_DIRECT/203.0.113.1 text/html\n", NULL, NULL, 0 };
    static const struct kind own = { "own", NULL, "kim 1714550402 /a\n", NULL, NULL, 0 };
    struct log_options options = { .parse = { .user_field = "-1" } };
    char rules[] = "/tmp/contend-rules.XXXXXX";
    struct log log;

    (void)state;
    log_file_write(last.text, strlen(last.text));
    read_kind(&last, &log, &options);
    assert_string_equal(names_text(&log.users, 0, NULL), "192.0.2.1");
    log_free(&log);
    log_file_write(squid.text, strlen(squid.text));
    options = (struct log_options){ .parse = { .user_field = "8" } };
    read_kind(&squid, &log, &options);
    assert_string_equal(names_text(&log.users, 0, NULL), "kim");
    log_free(&log);
    log_file_write(micro.text, strlen(micro.text));
    options = (struct log_options){ .parse = { .unit = LOG_UNIT_US } };
    read_kind(&micro, &log, &options);
    assert_int_equal(log.events[0].time_ms, 1500);
    log_free(&log);
    int fd = mkstemp(rules);
    FILE *f = fdopen(fd, "w");
    fputs("mine=^(?<user>\\S+) (?<time>\\d+)\n (?<post> .*)\n", f);
    fclose(f);
    log_file_write(own.text, strlen(own.text));
    options = (struct log_options){ .parse = { .rules = rules } };
    read_kind(&own, &log, &options);
    assert_string_equal(names_text(&log.users, 0, NULL), "kim");
    assert_string_equal(log.files[0].format, "mine");
    assert_int_equal(log.events[0].time_ms, UINT64_C(1714550402000));
    log_free(&log);
    remove(rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_each_kind_out),
        cmocka_unit_test(fronts_change_nothing),
        cmocka_unit_test(a_hole_tears_two_lines),
        cmocka_unit_test(records_are_named_by_their_first_line),
        cmocka_unit_test(what_is_found_out_can_be_said),
    };

    return cmocka_run_group_tests(tests, log_path_make, log_path_remove) ? 1 : 0;
}
