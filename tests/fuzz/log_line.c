/*
 * log_line.c - lines of a log, one by one, and the facts about what was accepted.
 *
 * The first line of an input holds options of `contend replay`, such as
 * --columns=time=ts,user=uid,post=path; the log follows.  Every event that is read,
 * written as a CSV line, is read as the same event.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/log/log.h"
#include "bench/base/text.h"
#include "bench/replay/facts.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/log_options.h"

static bool same_bytes(const char *a, size_t a_length, const char *b, size_t b_length)
{
    return a_length == b_length && (!a_length || memcmp(a, b, a_length) == 0);
}

static size_t put_quoted(char *out, const char *text, size_t length)
{
    size_t used = 0;

    out[used++] = '"';
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"')
            out[used++] = '"';
        out[used++] = text[i];
    }
    out[used++] = '"';
    return used;
}

/* "1431857103123,"visitor","/post"" means the event, whatever format it came in. */
static void check_as_csv(const struct log_fields *f)
{
    char one[] = "1", two[] = "2", three[] = "3";
    const struct log_columns columns = { one, two, three, true };
    const struct log_parse_options options = { .format = LOG_FORMAT_CSV, .columns = &columns,
                                               .delimiter = ',', .unit = LOG_UNIT_MS,
                                               .keep_query = true };
    char *line = malloc(64 + 2 * (f->user_length + f->post_length));
    struct log_parser *parser;
    struct log_fields again;

    FUZZ_CHECK(line && log_parser_new(&parser, &options, NULL) == 0);
    log_parser_begin(parser);
    int used = sprintf(line, "%llu,", (unsigned long long)f->time_ms);
    size_t length = (size_t)used;
    length += put_quoted(line + length, f->user, f->user_length);
    line[length++] = ',';
    length += put_quoted(line + length, f->post, f->has_post ? f->post_length : 0);
    FUZZ_CHECK(log_parse(parser, line, length, &again) == 0);
    FUZZ_CHECK(again.time_ms == f->time_ms && again.has_post <= f->has_post);
    FUZZ_CHECK(same_bytes(again.user, again.user_length, f->user, f->user_length));
    /* What ends like a request is one to a column. */
    FUZZ_CHECK(!f->has_post || memmem(f->post, f->post_length, " HTTP/", 6) ||
               same_bytes(again.post, again.post_length, f->post, f->post_length));
    log_parser_free(parser);
    free(line);
}

static void take_line(struct log_parser *parser, struct log *log, const uint8_t *line,
                      size_t length)
{
    char *text = fuzz_copy(line, length), shown[LOG_CUT_SIZE];
    struct log_fields f;
    int result = log_parse(parser, text, length, &f);

    FUZZ_CHECK(result == 0 || result == 1 || result == LOG_MORE || result == -EINVAL);
    FUZZ_CHECK(result != -EINVAL || f.reason);
    text_printable(shown, LOG_CUT, text, length);
    FUZZ_CHECK(strlen(shown) <= length + 3 && !strpbrk(shown, "\n\r\033"));
    if (result == 0) {
        FUZZ_CHECK(f.user_length > 0 && f.has_post == (f.has_post && f.post_length > 0));
        check_as_csv(&f);
        FUZZ_CHECK(log_append(log, &f) == 0);
    }
    free(text);
}

static void check_curve(const struct log *log, uint64_t ttl_ms, const struct log_facts *facts)
{
    struct log_curve curve;
    uint64_t last = facts->first_ms;

    FUZZ_CHECK(log_curve_sample(log, ttl_ms, 7, &curve) == 0);
    for (size_t i = 0; i < curve.samples; i++) {
        uint64_t now = log_curve_instant(&curve, i);
        FUZZ_CHECK(now >= last && now <= facts->last_ms);
        FUZZ_CHECK(curve.online[i] <= curve.most[i] && curve.most[i] <= facts->peak_online);
        last = now;
    }
    FUZZ_CHECK(last == facts->last_ms);
    log_curve_free(&curve);
}

static void check_facts(struct log *log, uint64_t ttl_ms)
{
    struct log_facts f;
    struct log_top top[3];
    size_t found, n = log->count;

    FUZZ_CHECK(log_sort(log) == 0);
    for (size_t i = 1; i < n; i++)
        FUZZ_CHECK(log->events[i - 1].time_ms <= log->events[i].time_ms);
    FUZZ_CHECK(log_facts(log, ttl_ms, &f) == 0);
    FUZZ_CHECK(f.requests == n && f.claps <= n && f.visitors <= n && f.posts <= f.claps);
    FUZZ_CHECK(f.peak_online >= 1 && f.peak_online <= f.visitors);
    FUZZ_CHECK(f.sessions >= f.visitors && f.sessions <= n);
    FUZZ_CHECK(f.second_requests <= f.minute_requests && f.minute_requests <= n);
    FUZZ_CHECK(f.top_visitors_share > 0 && f.top_visitors_share <= 1);
    FUZZ_CHECK(f.top_posts_share >= 0 && f.top_posts_share <= 1);
    check_curve(log, ttl_ms, &f);
    FUZZ_CHECK(log_top(log, LOG_VISITORS, 3, top, &found) == 0 && found >= 1);
    for (size_t i = 1; i < found; i++)
        FUZZ_CHECK(top[i].count && top[i].count <= top[i - 1].count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct log_words words;
    const uint8_t *end = data + size;

    if (log_words_parse(&words, data, size, &data)) {
        struct log_parser *parser;
        struct log log;
        if (log_parser_new(&parser, &words.options.parse, NULL) != 0) {
            log_words_free(&words); /* a rule file that is none */
            return 0;
        }
        FUZZ_CHECK(log_parser_expected(parser)[0]);
        log_parser_begin(parser);
        log_init(&log);
        while (data != end) {
            const uint8_t *line = data;
            size_t length = fuzz_first_line(data, (size_t)(end - data), &data);
            take_line(parser, &log, line, length);
        }
        if (log.count)
            check_facts(&log, words.options.ttl_ms);
        log_free(&log);
        log_parser_free(parser);
    }
    log_words_free(&words);
    return 0;
}
