/* lab.c - `contend lab`: its command line, the list, and the labs without a learner. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/base/arguments.h"
#include "bench/base/interrupt.h"
#include "bench/base/text.h"
#include "bench/course/lead.h"
#include "bench/course/unattended.h"
#include "bench/measure/session.h"
#include "bench/report/output.h"
#include "bench/report/results.h"
#include "bench/tool/command_lines.h"
#include "bench/tool/commands.h"
#include "bench/tool/lab_new.h"

static const char help_text[] =
    "Usage: contend lab\n"
    "       contend lab [OPTION]... LAB\n"
    "       contend lab --check [OPTION]... [LAB]...\n"
    "       contend lab new KIND DIR\n"
    "       contend lab judge DIR\n"
    "\n"
    "A course in lessons that check themselves.  Without arguments the labs are\n"
    "listed.  With the name or the number of one it is led through: a question, your\n"
    "prediction, a command that is run before your eyes, its result beside the\n"
    "prediction, whether the expected shape is there, the explanation, and three\n"
    "quizzes.  `new` writes homework, `judge` judges it: see contend lab new --help.\n"
    "\n"
    "      --predict=LETTER    the prediction, which is otherwise asked for\n"
    "      --check             unattended and short: whether each lab's shape is\n"
    "                          shown, not shown here and why, or failed; all labs if\n"
    "                          none is named\n"
    "      --whole             with --check: the commands as they are printed, not\n"
    "                          made short\n"
    "      --json=FILE         with --check: every shape, with its figures;\n"
    "                          with --whole also what the commands printed\n"
    "      --names             the names alone\n"
    "      --from=DIR          pages NN-name.md of your own instead of the course\n"
    "  -q, --quiet             no progress\n"
    "  -h, --help              this text\n"
    "\n"
    "A lab that is not shown on this machine, since it has one processor or others\n"
    "use it, is no failure.  Exit status: 0 shown or not shown here, 1 failed, 2\n"
    "wrong usage, 130 interrupted.\n";

enum lab_only { OPT_PREDICT = 256, OPT_CHECK, OPT_WHOLE, OPT_JSON, OPT_NAMES, OPT_FROM };

static const struct option long_options[] = {
    { "predict", required_argument, NULL, OPT_PREDICT },
    { "check", no_argument, NULL, OPT_CHECK },
    { "whole", no_argument, NULL, OPT_WHOLE },
    { "json", required_argument, NULL, OPT_JSON },
    { "names", no_argument, NULL, OPT_NAMES },
    { "from", required_argument, NULL, OPT_FROM },
    { "quiet", no_argument, NULL, 'q' },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 },
};

struct lab_options {
    const char *predict, *json, *from; /* or NULL */
    bool check, whole, names_only, quiet;
    char **labs; /* ended by NULL */
};

static int check_together(const struct lab_options *o)
{
    if (o->check && o->predict)
        return arguments_error("--predict would be ignored: --check has no learner");
    if (o->whole && !o->check)
        return arguments_error("--whole would be ignored: it is of --check");
    if (o->json && !o->check)
        return arguments_error("--json would be ignored: it is of --check");
    if (!o->check && o->labs[0] && o->labs[1])
        return arguments_error("one lab at a time; '%s' is another one", o->labs[1]);
    if (o->predict && !o->labs[0])
        return arguments_error("--predict=%s: of which lab?", o->predict);
    if (o->names_only && (o->check || o->labs[0]))
        return arguments_error("--names stands alone");
    return 0;
}

static int parse(struct lab_options *o, int argc, char **argv)
{
    int option;

    arguments_of("lab");
    *o = (struct lab_options){ .check = false };
    optind = 1;
    while ((option = arguments_next(argc, argv, "qh", long_options)) != -1)
        switch (option) {
        case OPT_PREDICT: o->predict = optarg; break;
        case OPT_CHECK: o->check = true; break;
        case OPT_WHOLE: o->whole = true; break;
        case OPT_JSON: o->json = optarg; break;
        case OPT_NAMES: o->names_only = true; break;
        case OPT_FROM: o->from = optarg; break;
        case 'q': o->quiet = true; break;
        case 'h': fputs(help_text, stdout); return 1;
        default: return -EINVAL;
        }
    o->labs = argv + optind;
    return check_together(o);
}

/* ---- the list ---- */

static void list(const struct catalog *c, const struct lab_options *o)
{
    for (unsigned i = 0; i < c->count; i++)
        if (o->names_only)
            puts(c->labs[i].name);
        else
            printf("  %2u  %-20s %s\n", c->labs[i].number, c->labs[i].name, c->labs[i].page.title);
    if (!o->names_only)
        puts("\n`contend lab NAME` leads through one; `contend lab --check` says which of them\n"
             "this machine can show.");
}

/* ---- one, with a learner ---- */

static int lead(const struct lab *lab, const struct lab_options *o)
{
    const char *no_color = getenv("NO_COLOR");
    bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    struct lead_request q = {
        .asks = terminal, .silent = o->quiet,
        .color = isatty(STDOUT_FILENO) && !(no_color && no_color[0]),
    };

    if (o->predict) {
        q.predicted = o->predict[0];
        if (!o->predict[0] || o->predict[1] || q.predicted < 'a' ||
            q.predicted >= (char)('a' + lab->page.choice_count)) {
            arguments_error("--predict=%s: a letter from a to %c is wanted, see contend lab %s",
                            o->predict, (char)('a' + lab->page.choice_count - 1), lab->name);
            return 2;
        }
    }
    interrupt_catch();
    int status = lead_through(lab, &q);
    interrupt_release();
    return status;
}

/* ---- unattended ---- */

static void print_outcome(const struct lab *lab, const struct unattended *u)
{
    char label[80];

    snprintf(label, sizeof label, "%2u  %-20s", lab->number, lab->name);
    char words[512];
    snprintf(words, sizeof words, "%s%s%s", lesson_word(u->outcome), u->why[0] ? ": " : "", u->why);
    text_labelled(stdout, label, words, 27, 80);
    fflush(stdout);
}

/* 0, or 1 after a message. */
static int save(const char *path, json_t *labs)
{
    static struct session s;
    cpu_set_t allowed;

    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        CPU_ZERO(&allowed);
    session_record(&s, &allowed, 0);
    json_t *root = json_pack("{s:s, s:i, s:o, s:b, s:O}", "schema", "contend.lab", "version", 1, "session",
                             results_session_json(&s), "interrupted", interrupt_came(), "labs", labs);
    char *text = root ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) : NULL;
    int status = output_save("json", path, text) ? 1 : 0;
    free(text);
    json_decref(root);
    return status;
}

static int check(const struct lab *const *labs, unsigned count, const struct lab_options *o)
{
    unsigned outcomes[LESSON_INTERRUPTED + 1] = { 0 };
    json_t *list = json_array();
    int status = 0;

    interrupt_catch();
    for (unsigned i = 0; i < count && !interrupt_came(); i++) {
        struct unattended u;
        unattended_check(labs[i], o->whole, &u);
        print_outcome(labs[i], &u);
        outcomes[u.outcome]++;
        json_array_append_new(list, u.json);
    }
    printf("\n%u shown, %u not shown here, %u failed%s\n", outcomes[LESSON_SHOWN],
           outcomes[LESSON_NOT_HERE], outcomes[LESSON_FAILED], interrupt_came() ? "; interrupted" : "");
    if (o->json)
        status = save(o->json, list);
    json_decref(list);
    status = interrupt_came() ? 130 : outcomes[LESSON_FAILED] > 0 ? 1 : status;
    interrupt_release();
    return status;
}

int command_lab(int argc, char **argv)
{
    static struct catalog catalog;
    const struct lab *labs[CATALOG_LABS];
    struct lab_options o;
    unsigned count = 0;
    int error, status = 0;

    if (argc > 1 && (strcmp(argv[1], "new") == 0 || strcmp(argv[1], "judge") == 0))
        return lab_homework(argc - 1, argv + 1);
    error = parse(&o, argc, argv);
    if (error)
        return command_line_status(error);
    if (output_try((const struct output[]){ { "json", o.json }, { NULL, NULL } }, NULL, 0) != 0 ||
        catalog_open(&catalog, o.from) != 0)
        return 1;
    for (; o.labs[count] && count < CATALOG_LABS && status == 0; count++) {
        labs[count] = catalog_find(&catalog, o.labs[count]);
        status = labs[count] ? 0 : 2;
    }
    for (; o.check && count < catalog.count && !o.labs[0]; count++)
        labs[count] = &catalog.labs[count];
    if (status == 0 && o.check)
        status = check(labs, count, &o);
    else if (status == 0 && count > 0)
        status = lead(labs[0], &o);
    else if (status == 0)
        list(&catalog, &o);
    catalog_close(&catalog);
    return status;
}
