/* lead.c - a page in its order: what is asked, run, compared and answered. */
#include "bench/course/lead.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/base/interrupt.h"
#include "bench/base/text.h"
#include "bench/measure/session.h"

enum { WIDTH = 80, LIMIT_S = 300 };

struct walk {
    const struct lab *lab;
    const struct lead_request *request;
    char predicted;      /* a letter, or 0 */
    bool choosing;       /* below the heading "Predict" */
    bool compared;       /* the prediction has stood beside a result */
    unsigned shown, not_here, failed;
};

/* ---- words ---- */

static void put_text(const char *text, int indent, const char *mark)
{
    char *plain = page_plain(text);

    if (!plain)
        return;
    if (mark[0])
        text_labelled(stdout, mark, plain, indent, WIDTH);
    else
        text_wrapped(stdout, plain, indent, WIDTH - indent);
    free(plain);
}

static void put_heading(const struct walk *w, const char *text)
{
    printf("\n%s%s%s\n\n", w->request->color ? "\033[1m" : "", text, w->request->color ? "\033[0m" : "");
}

enum { COLUMNS = 8 };

/* The cells of a row "| a | b |"; how many. */
static unsigned cells_of(const char *row, size_t length, const char *cells[COLUMNS], int widths[COLUMNS])
{
    unsigned count = 0;

    for (size_t begin = 1; begin < length && count < COLUMNS; count++) {
        size_t end = begin;
        while (end < length && row[end] != '|')
            end++;
        cells[count] = row + begin + (row[begin] == ' ');
        widths[count] = (int)(end - begin) - (row[begin] == ' ') - (end > begin + 1 && row[end - 1] == ' ');
        begin = end + 1;
    }
    return count;
}

/* A table of Markdown: its columns below each other, without its rules. */
static void put_table(const char *text)
{
    const char *cells[COLUMNS];
    int widths[COLUMNS], widest[COLUMNS] = { 0 };

    for (int pass = 0; pass < 2; pass++)
        for (const char *row = text; *row;) {
            size_t length = strcspn(row, "\n");
            unsigned count = strncmp(row, "|-", 2) == 0 ? 0 : cells_of(row, length, cells, widths);
            for (unsigned i = 0; i < count; i++) {
                widest[i] = widths[i] > widest[i] ? widths[i] : widest[i];
                if (pass == 1)
                    printf("  %.*s%*s", widths[i], cells[i], i + 1 < count ? widest[i] - widths[i] : 0, "");
            }
            if (pass == 1 && count)
                putchar('\n');
            row += length + (row[length] == '\n');
        }
}

static void put_lines(const char *text)
{
    if (text[0] == '|') {
        put_table(text);
        return;
    }
    while (*text) {
        size_t length = strcspn(text, "\n");
        printf("  %.*s\n", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

static void put_item(const char *text)
{
    char mark[8];
    int length = (int)strcspn(text, " ");

    snprintf(mark, sizeof mark, "%.*s", length, text);
    put_text(text + length + 1, 3 + length, mark);
}

/* ---- answers ---- */

/* A line of the learner's, in `answer`.  Whether there was one. */
static bool ask(const char *question, char *answer, size_t size)
{
    printf("%s", question);
    fflush(stdout);
    bool given = fgets(answer, (int)size, stdin) != NULL && !interrupt_came();
    if (!given)
        putchar('\n');
    return given;
}

static void pause_for(const struct walk *w, const char *what)
{
    char ignored[256];

    if (w->request->asks && !interrupt_came())
        ask(what, ignored, sizeof ignored);
}

static void ask_for_prediction(struct walk *w)
{
    char question[64], answer[256];
    unsigned count = w->lab->page.choice_count;

    w->choosing = false;
    if (count == 0)
        return;
    putchar('\n');
    snprintf(question, sizeof question, "Your prediction, a to %c: ", (char)('a' + count - 1));
    while (w->request->asks && !w->predicted && ask(question, answer, sizeof answer)) {
        char letter = (char)tolower((unsigned char)answer[strspn(answer, " \t")]);
        if (letter >= 'a' && letter < (char)('a' + count))
            w->predicted = letter;
        else if (letter == '\n')
            break; /* without one */
    }
    if (w->predicted)
        printf("Predicted: %c, %s\n", w->predicted, w->lab->page.choices[w->predicted - 'a']);
    else
        puts("No prediction; --predict=LETTER makes one.");
}

/* ---- results ---- */

static void say_again(void *ctx, const char *why)
{
    (void)ctx;
    text_labelled(stdout, "again:", why, 10, WIDTH);
}

static void put_claim(const struct claim *c, const struct claim_seen *seen)
{
    static const char *const words[] = { "yes", "NO", "?" };
    char line[SHAPE_TEXT + 2 * TEXT_NUMBER + 32], figures[2 * TEXT_NUMBER + 16];

    lesson_figures(seen, figures, sizeof figures);
    snprintf(line, sizeof line, "%s%s%s%s", c->text, figures[0] ? " (" : "", figures,
             figures[0] ? ")" : "");
    text_labelled(stdout, words[seen->verdict], line, 8, WIDTH);
}

/* The prediction beside the result. */
static void compare(struct walk *w, const struct lesson *l)
{
    const struct page *p = &w->lab->page;

    for (const char *letter = l->answers; *letter; letter++)
        if (*letter < (char)('a' + p->choice_count)) {
            char label[24];
            snprintf(label, sizeof label, "Result: %c,", *letter);
            putchar('\n');
            put_text(p->choices[*letter - 'a'], 13, label);
        }
    if (l->answers[0] && w->predicted) {
        bool right = strchr(l->answers, w->predicted) != NULL;
        char label[32];
        snprintf(label, sizeof label, "Predicted: %c,", w->predicted);
        put_text(p->choices[w->predicted - 'a'], 16, label);
        printf("  %s\n", right ? "As predicted." : "Not as predicted: why?");
    }
    w->compared |= l->answers[0] != '\0';
}

static void put_result(struct walk *w, const struct lesson *l)
{
    putchar('\n');
    for (unsigned i = 0; l->tries > 0 && i < l->shape.count; i++)
        if (!l->shape.claims[i].answer)
            put_claim(&l->shape.claims[i], &l->seen[i]);
    if (l->outcome == LESSON_SHOWN)
        printf("  The expected shape is there.\n");
    else
        text_labelled(stdout, lesson_word(l->outcome), l->why, 18, WIDTH);
    if (l->outcome == LESSON_SHOWN && !w->compared)
        compare(w, l);
    w->shown += l->outcome == LESSON_SHOWN;
    w->not_here += l->outcome == LESSON_NOT_HERE;
    w->failed += l->outcome == LESSON_FAILED;
}

/* Runs the command before a block of what is expected. */
static void run_lesson(struct walk *w, const struct page_block *expect)
{
    static struct lesson l;
    struct lesson_request q = {
        .silent = w->request->silent, .show = stdout, .limit_s = LIMIT_S, .again = say_again,
    };

    pause_for(w, "Enter runs it. ");
    if (interrupt_came())
        return;
    putchar('\n');
    fflush(stdout);
    int error = lesson_run(&l, expect, &q);
    if (error) {
        arguments_error("%s, line %u: %s", w->lab->path, expect->line,
                        error == -EINVAL ? l.why : strerror(-error));
        w->failed++;
    } else {
        put_result(w, &l);
    }
    lesson_free(&l);
}

/* ---- the page ---- */

static void begin_quiz(struct walk *w, const char *question)
{
    put_text(question, 2, "");
    pause_for(w, "  Enter opens the answer. ");
}

static void put_block(struct walk *w, const struct page_block *b)
{
    const struct page_block *next = b + 1 < w->lab->page.blocks + w->lab->page.count ? b + 1 : NULL;
    int indent = b->answer ? 4 : 2;

    switch (b->kind) {
    case BLOCK_HEADING:
        put_heading(w, b->text);
        w->choosing = strcmp(b->text, "Predict") == 0;
        break;
    case BLOCK_TEXT: put_text(b->text, indent, ""); break;
    case BLOCK_ITEM: put_item(b->text); break;
    case BLOCK_VERBATIM: put_lines(b->text); break;
    case BLOCK_COMMAND: printf("  $ %s\n", b->text); break;
    case BLOCK_EXPECT: run_lesson(w, b); break;
    case BLOCK_QUIZ: begin_quiz(w, b->text); break;
    }
    if (next && b->kind != BLOCK_HEADING && next->kind != b->kind && next->kind != BLOCK_HEADING && next->kind != BLOCK_EXPECT)
        putchar('\n');
}

/* Where it was seen: what stands above is worth little without. */
static void put_machine(void)
{
    static const char *const keys[] = { "cpu_model", "cpus_allowed", "hypervisor", "kernel", "compiler",
                                        "commit", "time" };
    static struct session s;
    cpu_set_t allowed;

    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        CPU_ZERO(&allowed);
    session_record(&s, &allowed, 0);
    putchar('\n');
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        printf("  %-13s %s\n", keys[i], session_value(&s, keys[i]));
}

static void put_end(const struct walk *w)
{
    char count[TEXT_NUMBER];

    putchar('\n');
    if (interrupt_came())
        printf("Interrupted; ");
    printf("%s shown, %u not shown here, %u failed.\n",
           text_count(w->shown, "shape", "shapes", count), w->not_here, w->failed);
}

int lead_through(const struct lab *lab, const struct lead_request *q)
{
    struct walk w = { .lab = lab, .request = q, .predicted = q->predicted };
    char title[128];

    snprintf(title, sizeof title, "Lab %u: %s", lab->number, lab->page.title);
    put_heading(&w, title);
    for (unsigned i = 0; i < lab->page.count && !interrupt_came(); i++) {
        const struct page_block *b = &lab->page.blocks[i];
        if (w.choosing && b->kind == BLOCK_HEADING)
            ask_for_prediction(&w);
        put_block(&w, b);
    }
    put_machine();
    put_end(&w);
    return interrupt_came() ? 130 : w.failed > 0;
}
