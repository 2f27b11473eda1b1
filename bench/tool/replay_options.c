/* replay_options.c - the command line of `contend replay`. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/base/text.h"
#include "bench/replay/feed.h"
#include "bench/stores/stores.h"
#include "bench/tool/options.h"
#include "bench/tool/replay_options.h"

static const char help_text[] =
    "Usage: contend replay [OPTION]... FILE...\n"
    "\n"
    "Plays an access log as presence and claps: a visitor is a user, a request is a\n"
    "heartbeat at its time, a path is a post with one clap.  Every strategy is driven\n"
    "with the log's own times, swept as it goes, and compared with a sequential\n"
    "model; then they are timed.  FILE may be packed (gz, xz, bz2, zst, zip, tar) or\n"
    "-, standard input.\n"
    "\n"
    "How to read it:\n"
    "      --format=KIND       auto (default), log (common, combined and like them),\n"
    "                          csv, json, w3c, rules, or a rule's name: squid, alb,\n"
    "                          s3, ...\n"
    "      --columns=SPEC      csv, json: time=NAME,user=NAME[,post=NAME], or for csv\n"
    "                          numbers (default: names under which they are known)\n"
    "      --user-field=FIELD  the visitor: the number of a field, -1 for the last,\n"
    "                          or a name\n"
    "      --rules=FILE        regular expressions for lines of any other kind\n"
    "      --time-unit=UNIT    of times that are numbers: s, ms, us, ns (default:\n"
    "                          found out)\n"
    "      --delimiter=C       csv: the separator (default: found out)\n"
    "      --strict            fail at the first damaged file or unreadable line\n"
    "      --tolerate=PERCENT  exit status 1 if more of the lines are unreadable, or\n"
    "                          of the files damaged (default: 5)\n"
    "      --keep-query        keep what follows '?' in a path\n"
    "      --as-logged         do not sort by time; real logs run backwards here and\n"
    "                          there\n"
    "\n"
    "What to make of it:\n"
    "      --scale=N           N clones of every visitor\n"
    "      --repeat=N          play it N times, each time later\n"
    "      --speed=FACTOR      keep the log's pace, so many times as fast (60x):\n"
    "                          latencies count from when an operation was due; no\n"
    "                          comparison of rates\n"
    "      --ttl=SECONDS       online so long after a heartbeat (default: 30)\n"
    "      --instants=N        compare all answers so often on the way (default: 100)\n"
    "      --top=N             name the N most frequent posts (default: 5)\n"
    "\n"
    "Which strategies, how long, and where to:\n"
    "      --strategy=NAME,... these only (default: a selection)\n"
    "      --object=KIND       counter or presence (default: both)\n"
    "      --threads=N,...     workers, 1 to 64 (default: 1 and one per processor)\n"
    "      --set=NAME.OPTION=V,...  an option of a strategy: each value beside the\n"
    "                          default\n"
    "      --all, --exhibits, --reference=NAME\n"
    "      --stores            presence maps in datastores too: SQLite, Redis ...\n"
    "      --budget=SECONDS    read, check and measure at most so long\n"
    "                          (default: 60 for checks and measuring)\n"
    "      --blocks=N          blocks per cell (default: up to 20)\n"
    "      --window=MS         length of a window (default: what the log needs, up to\n"
    "                          2 s)\n"
    "      --seed=N, --json=FILE, --csv=FILE, --windows=FILE\n"
    "      --curve=FILE        users online over time, as CSV\n"
    "      --color=WHEN, --no-floors, -q, --quiet, -h, --help\n"
    "\n"
    "Exit status: 0 done, 1 failed (a wrong answer, a file, or too much of the log\n"
    "was lost), 2 wrong usage, 130 interrupted.\n";

enum replay_only { OPT_FORMAT = OPTIONS_OWN, OPT_COLUMNS, OPT_USER_FIELD, OPT_RULES,
                   OPT_TIME_UNIT, OPT_DELIMITER, OPT_STRICT, OPT_TOLERATE, OPT_KEEP_QUERY,
                   OPT_AS_LOGGED, OPT_SCALE, OPT_REPEAT, OPT_SPEED, OPT_TTL, OPT_INSTANTS, OPT_TOP,
                   OPT_STRATEGY, OPT_CURVE, OPT_STORES };

static const struct option long_options[] = {
    OPTIONS_SHARED,
    { "format", required_argument, NULL, OPT_FORMAT },
    { "columns", required_argument, NULL, OPT_COLUMNS },
    { "user-field", required_argument, NULL, OPT_USER_FIELD },
    { "rules", required_argument, NULL, OPT_RULES },
    { "time-unit", required_argument, NULL, OPT_TIME_UNIT },
    { "delimiter", required_argument, NULL, OPT_DELIMITER },
    { "strict", no_argument, NULL, OPT_STRICT },
    { "tolerate", required_argument, NULL, OPT_TOLERATE },
    { "keep-query", no_argument, NULL, OPT_KEEP_QUERY },
    { "as-logged", no_argument, NULL, OPT_AS_LOGGED },
    { "scale", required_argument, NULL, OPT_SCALE },
    { "repeat", required_argument, NULL, OPT_REPEAT },
    { "speed", required_argument, NULL, OPT_SPEED },
    { "ttl", required_argument, NULL, OPT_TTL },
    { "instants", required_argument, NULL, OPT_INSTANTS },
    { "top", required_argument, NULL, OPT_TOP },
    { "stores", no_argument, NULL, OPT_STORES },
    { "strategy", required_argument, NULL, OPT_STRATEGY },
    { "curve", required_argument, NULL, OPT_CURVE },
    { NULL, 0, NULL, 0 },
};

int replay_say(const char *format, ...)
{
    char text[2 * LOG_MESSAGE_SIZE];
    int used = snprintf(text, sizeof text, "%s: ", arguments_program());
    va_list values;

    va_start(values, format);
    vsnprintf(text + used, sizeof text - (size_t)used, format, values);
    va_end(values);
    text_wrapped(stderr, text_tame(text), 0, 80);
    return -EINVAL;
}

/* A kind, or the name of a rule: which there are is known once the rules are read. */
static int parse_format(struct replay_options *o, const char *text)
{
    o->parse.rule = NULL;
    for (int f = LOG_FORMAT_AUTO; f <= LOG_FORMAT_RULES; f++)
        if (strcmp(text, log_format_name((enum log_format)f)) == 0) {
            o->parse.format = (enum log_format)f;
            return 0;
        }
    o->parse.format = LOG_FORMAT_RULES;
    o->parse.rule = text;
    return 0;
}

static int parse_unit(struct replay_options *o, const char *text)
{
    static const char *const units[] = { "auto", "s", "ms", "us", "ns" };

    for (int u = LOG_UNIT_AUTO; u <= LOG_UNIT_NS; u++)
        if (strcmp(text, units[u]) == 0) {
            o->parse.unit = (enum log_unit)u;
            return 0;
        }
    return replay_say("--time-unit=%s: auto, s, ms, us or ns is wanted", text);
}

static int parse_columns(struct replay_options *o, const char *text)
{
    const char *reason = "";

    log_columns_free(&o->columns);
    o->parse.columns = NULL;
    int error = log_columns_parse(&o->columns, text, &reason);
    if (error == -EINVAL)
        return replay_say("--columns=%s: %s", text, reason);
    o->parse.columns = &o->columns;
    return error;
}

static int parse_delimiter(struct replay_options *o, const char *text)
{
    o->parse.delimiter = strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0 ? '\t' : text[0];
    return o->parse.delimiter == '\t' || strlen(text) == 1
               ? 0
               : replay_say("--delimiter=%s: one character is wanted, or tab", text);
}

/* "60x" or "0.5". */
static int parse_speed(struct replay_options *o, const char *text)
{
    char *end;

    o->speed = strtod(text, &end);
    if (*end == 'x')
        end++;
    return end != text && !*end && o->speed >= 1e-3 && o->speed <= 1e9
               ? 0
               : replay_say("--speed=%s: a factor such as 60x is wanted", text);
}

/* The reader cuts the list up, so each name is copied. */
static int add_strategy(struct run_options *run, const char *option, const char *part)
{
    struct replay_options *o = (struct replay_options *)run; /* its first member */
    char *name = o->name_count < OPTION_STRATEGIES ? strdup(part) : NULL;

    if (!name)
        return o->name_count < OPTION_STRATEGIES
                   ? -ENOMEM : replay_say("%s: more than 64 strategies", part);
    o->names[o->name_count++] = name;
    return options_add_strategy(run, option, name);
}

void replay_options_free(struct replay_options *o)
{
    for (unsigned i = 0; i < o->name_count; i++)
        free(o->names[i]);
    log_columns_free(&o->columns);
}

static int number(const char *option, const char *text, uint64_t low, uint64_t high, unsigned *out)
{
    uint64_t n = 0;
    int error = arguments_number(option, text, low, high, &n);

    *out = (unsigned)n;
    return error;
}

static int parse_option(struct replay_options *o, int option, const char *value)
{
    int error = 0;

    switch (option) {
    case OPT_FORMAT: return parse_format(o, value);
    case OPT_COLUMNS: return parse_columns(o, value);
    case OPT_USER_FIELD: o->parse.user_field = value; return 0;
    case OPT_RULES: o->parse.rules = value; return 0;
    case OPT_TIME_UNIT: return parse_unit(o, value);
    case OPT_DELIMITER: return parse_delimiter(o, value);
    case OPT_STRICT: o->strict = true; return 0;
    case OPT_TOLERATE: return number("tolerate", value, 0, 100, &o->tolerate);
    case OPT_KEEP_QUERY: o->parse.keep_query = true; return 0;
    case OPT_AS_LOGGED: o->as_logged = true; return 0;
    case OPT_SCALE: return arguments_number("scale", value, 1, 1000000, &o->scale);
    case OPT_REPEAT: return arguments_number("repeat", value, 1, 1000000, &o->repeat);
    case OPT_SPEED: return parse_speed(o, value);
    case OPT_TTL:
        error = arguments_quantity("ttl", value, "s", 1, 86400 * 365, &o->ttl_ms);
        o->ttl_ms *= 1000;
        return error;
    case OPT_INSTANTS: return number("instants", value, 1, 100000, &o->instants);
    case OPT_TOP: return number("top", value, 0, REPLAY_TOP, &o->top);
    case OPT_STRATEGY: return options_list(&o->run, "strategy", value, add_strategy);
    case OPT_CURVE: o->curve = value; return 0;
    case OPT_STORES: o->run.stores = o->run.virtual_time = true; return 0;
    case 'h': fputs(help_text, stdout); return 1;
    default: return options_shared(&o->run, option, value);
    }
}

/* Refuses options that would be ignored.  0 or -EINVAL. */
static int check_used(const struct replay_options *o)
{
    const struct run_options *run = &o->run;
    const struct {
        bool given;
        const char *option;
    } timed[] = {
        { run->blocks > 0, "blocks" },
        { run->window_ms > 0, "window" },
        { run->csv, "csv" },
        { run->windows, "windows" },
    };

    for (size_t i = 0; o->speed > 0 && i < sizeof timed / sizeof *timed; i++)
        if (timed[i].given)
            return replay_say("--%s would be ignored: with --speed no rates are compared",
                                   timed[i].option);
    if (o->parse.format == LOG_FORMAT_HTTP && o->parse.columns)
        return replay_say("--columns would be ignored: --format=log has its own");
    if (o->parse.rules && o->parse.format != LOG_FORMAT_AUTO &&
        o->parse.format != LOG_FORMAT_RULES)
        return replay_say("--rules would be ignored: --format=%s has no rules",
                               log_format_name(o->parse.format));
    if (o->parse.format != LOG_FORMAT_AUTO && o->parse.format != LOG_FORMAT_CSV &&
        o->parse.delimiter)
        return replay_say("--delimiter would be ignored: only csv has one");
    return 0;
}

/* Whether there are such rules.  0, -ENOMEM or -EINVAL. */
static int check_rules(const struct replay_options *o)
{
    struct log_parser *parser = NULL;
    char why[LOG_REASON_SIZE] = "out of memory";
    int error = o->parse.rules || o->parse.rule ? log_parser_new(&parser, &o->parse, why) : 0;

    log_parser_free(parser);
    if (error && o->parse.rule && (!o->parse.rules || strncmp(why, "there is no format", 18) == 0))
        return replay_say("--format=%s: %s", o->parse.rule, why);
    return error ? replay_say("--rules=%s: %s", o->parse.rules, why) : 0;
}

int replay_options_parse(struct replay_options *o, int argc, char **argv)
{
    int option, error;

    *o = (struct replay_options){
        .scale = 1, .repeat = 1, .ttl_ms = PRESENCE_DEFAULT_TTL_MS, .instants = 100, .top = 5,
        .tolerate = 5,
    };
    arguments_of("replay");
    options_defaults(&o->run);
    o->run.window_ms = 0;
    o->run.families = replay_families();
    o->run.budget_s = 60;
    optind = 1;
    while ((option = arguments_next(argc, argv, "qh", long_options)) != -1) {
        error = parse_option(o, option, optarg);
        if (error)
            return error;
    }
    o->files = (const char *const *)argv + optind;
    o->file_count = (size_t)(argc - optind);
    if (o->file_count == 0)
        return replay_say("no FILE: name a log, or - for standard input");
    error = check_used(o);
    if (!error)
        error = check_rules(o);
    if (!error && o->run.stores)
        error = stores_register(STORES_READY);
    return error ? error : options_check_names(&o->run);
}
