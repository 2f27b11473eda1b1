/* caveats.c - how a log was read, and the doubts about its figures. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/replay/replay.h"
#include "bench/report/plot.h"

enum { SENTENCE = 700, WIDTH = 78, SHOWN_VISITORS = 3, SHOWN_FILES = 5, FEW_REQUESTS = 20 };

static const double nearly_all = 0.9;
static const uint64_t early_ms = UINT64_C(100000000000); /* the spring of 1973 */

static const char *shown_file(const char *name, char shown[LOG_CUT_SIZE])
{
    return strcmp(name, "-") == 0 ? "standard input"
                                  : text_printable(shown, LOG_CUT, name, strlen(name));
}

static const char *visitor(const struct replay *r, uint32_t number, char name[LOG_CUT_SIZE])
{
    size_t length;
    const char *text = names_text(&r->log.users, number, &length);

    return text_printable(name, LOG_CUT / 2, text, length);
}

bool replay_lost_too_much(const struct replay *r)
{
    return log_lost(&r->log) * 100 > r->options.tolerate;
}

static void print_complaints(FILE *out, const struct log *log)
{
    char count[TEXT_NUMBER], name[LOG_CUT_SIZE], place[2 * LOG_CUT_SIZE + 32];

    if (!log->unreadable)
        return;
    fprintf(out, "  %s could not be read; left out, and the first:\n",
            text_count(log->unreadable, "line", "lines", count));
    for (unsigned i = 0; i < log->complaint_count; i++) {
        const struct log_complaint *c = &log->complaints[i];
        snprintf(place, sizeof place, "%s:%" PRIu64 ": %s", shown_file(c->file, name), c->line,
                 c->text);
        text_wrapped(out, c->reason, 4, WIDTH - 2);
        text_wrapped(out, place, 6, WIDTH - 4);
    }
}

void replay_print_reading(FILE *out, const struct replay *r)
{
    char name[LOG_CUT_SIZE], last[LOG_REASON_SIZE] = "", *sentence = NULL;
    uint32_t shown = r->log.users.count < SHOWN_VISITORS ? r->log.users.count : SHOWN_VISITORS;
    size_t size;
    FILE *line = open_memstream(&sentence, &size);

    if (!line)
        return;
    fprintf(line, "Read as ");
    for (size_t i = 0, different = 0; i < r->log.file_count; i++) {
        const char *format = r->log.files[i].format;
        if (!format[0] || strcmp(format, last) == 0 || different == SHOWN_FILES)
            continue;
        fprintf(line, "%s%s", different++ ? "; " : "", format);
        snprintf(last, sizeof last, "%s", format);
    }
    fprintf(line, "; the first visitors are ");
    for (uint32_t i = 0; i < shown; i++)
        fprintf(line, "%s%s", i ? ", " : "", visitor(r, i, name));
    if (replay_largest_id(&r->log))
        fprintf(line, "; their numbers reach %" PRIu64, replay_largest_id(&r->log));
    else
        fprintf(line, "; they are names, and played as numbers from 0 on, as a directory of yours "
                      "would have to give them to a map that does not take any 64 bits");
    fclose(line);
    text_wrapped(out, sentence, 2, WIDTH);
    free(sentence);
    print_complaints(out, &r->log);
}

static bool say(FILE *out, const char *sentence)
{
    if (out)
        text_wrapped(out, sentence, 2, WIDTH);
    return true;
}

static bool say_damage(FILE *out, const struct replay *r)
{
    char sentence[LOG_MESSAGE_SIZE + 200], lines[TEXT_NUMBER];
    size_t shown = 0;

    for (size_t i = 0; i < r->log.file_count && shown < SHOWN_FILES; i++) {
        const struct log_file *f = &r->log.files[i];
        if (!f->damage[0])
            continue;
        shown++;
        snprintf(sentence, sizeof sentence, "A part of the log is missing: %s%s%s%s.", f->damage,
                 f->format[0] ? "; what was read of it: " : "",
                 f->format[0] ? text_count(f->lines, "line", "lines", lines) : "",
                 f->format[0] && strstr(f->damage, ": damaged: ")
                     ? ", of which some may be wrong, since damage shows late" : "");
        say(out, text_tame(sentence));
    }
    if (shown < r->log.damaged) {
        snprintf(sentence, sizeof sentence, "So it is with %zu files in all; --json has each.",
                 r->log.damaged);
        say(out, sentence);
    }
    return shown > 0;
}

static bool say_lost(FILE *out, const struct replay *r)
{
    char sentence[SENTENCE], lines[TEXT_NUMBER], files[TEXT_NUMBER];

    if (!replay_lost_too_much(r))
        return false;
    snprintf(sentence, sizeof sentence,
             "%.3g %% of the log could not be read (%s unreadable, %s damaged), more than "
             "--tolerate=%u allows: the figures are of the rest, and the exit status is 1.",
             100 * log_lost(&r->log), text_count(r->log.unreadable, "line", "lines", lines),
             text_count(r->log.damaged, "file", "files", files), r->options.tolerate);
    return say(out, sentence);
}

/* If the visitor is a proxy, or a column of something else, presence means nothing. */
static bool say_visitors(FILE *out, const struct replay *r)
{
    char sentence[SENTENCE], name[LOG_CUT_SIZE];
    static const char way_out[] = "If the visitor is another part of the line, name it: "
                                  "--user-field, or user= in --columns.";
    struct log_top top;
    size_t found;

    if (r->log.count < FEW_REQUESTS || log_top(&r->log, LOG_VISITORS, 1, &top, &found) || !found)
        return false;
    if ((double)top.count >= nearly_all * (double)r->log.count) {
        snprintf(sentence, sizeof sentence,
                 "One visitor, '%s', makes %.3g %% of the requests, as a proxy or a wrong field "
                 "would.  %s", visitor(r, top.number, name),
                 100.0 * (double)top.count / (double)r->log.count, way_out);
        return say(out, sentence);
    }
    if (r->log.users.count >= nearly_all * (double)r->log.count) {
        snprintf(sentence, sizeof sentence,
                 "Nearly every request has a visitor of its own ('%s' is the first), as a port "
                 "or a time in the name would make it.  %s", visitor(r, 0, name), way_out);
        return say(out, sentence);
    }
    return false;
}

/* A part of a date, or a counter, is a number, too. */
static bool say_early(FILE *out, const struct replay *r)
{
    char sentence[SENTENCE], time[PLOT_TIME_SIZE];

    if (r->facts.first_ms >= early_ms || r->options.parse.unit != LOG_UNIT_AUTO)
        return false;
    snprintf(sentence, sizeof sentence,
             "The log begins in %.4s, as numbers do that are no seconds since 1970.  If they are "
             "seconds, say so: --time-unit=s.  If not, another column has the time: --columns.",
             plot_time(time, r->facts.first_ms, false));
    return say(out, sentence);
}

static bool say_cut_short(FILE *out, const struct replay *r)
{
    char sentence[SENTENCE], lines[TEXT_NUMBER];

    if (!r->cut_short)
        return false;
    snprintf(sentence, sizeof sentence,
             "The log was not read to its end: after half of the budget of %u s reading stopped, "
             "behind %s.  More is read with a longer --budget.", r->options.run.budget_s,
             text_count(r->log.lines, "line", "lines", lines));
    return say(out, sentence);
}

bool replay_caveats(FILE *out, const struct replay *r)
{
    bool cut = say_cut_short(out, r);
    bool damage = say_damage(out, r), lost = say_lost(out, r), visitors = say_visitors(out, r),
         early = say_early(out, r);

    return cut || damage || lost || visitors || early;
}

json_t *replay_files_json(const struct replay *r)
{
    json_t *list = json_array();
    char name[LOG_CUT_SIZE * 4], damage[LOG_MESSAGE_SIZE];

    for (size_t i = 0; i < r->log.file_count; i++) {
        const struct log_file *f = &r->log.files[i];
        text_printable(name, LOG_CUT * 4, f->name, strlen(f->name));
        text_printable(damage, LOG_MESSAGE_SIZE / 4 - 1, f->damage, strlen(f->damage));
        json_array_append_new(
            list, json_pack("{s:s, s:I, s:I, s:I, s:s, s:s?}", "file", name, "bytes",
                            (json_int_t)f->bytes, "lines", (json_int_t)f->lines, "unreadable",
                            (json_int_t)f->unreadable, "format", f->format, "damage",
                            damage[0] ? damage : NULL));
    }
    return list;
}
