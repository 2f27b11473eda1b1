/* page.c - cuts a page of Markdown into blocks. */
#include "bench/course/page.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define QUIZ_BEGIN "<details><summary>"
#define QUIZ_END "</summary>"

struct reader {
    struct page *page;
    FILE *in;
    char *line;
    size_t size;
    unsigned number;  /* of the line */
    bool answer;      /* between the summary of a quiz and its end */
    bool open;        /* the last block takes further lines */
    bool fence;       /* between the marks of a fenced block */
    bool no_memory;
};

static struct page_block *last_block(const struct reader *r)
{
    return r->page->count ? &r->page->blocks[r->page->count - 1] : NULL;
}

static void add_block(struct reader *r, enum block_kind kind, const char *text)
{
    struct page *p = r->page;
    struct page_block *more = realloc(p->blocks, (p->count + 1) * sizeof *more);
    char *copy = strdup(text);

    r->open = kind == BLOCK_TEXT || kind == BLOCK_ITEM || kind == BLOCK_VERBATIM || kind == BLOCK_EXPECT;
    p->blocks = more ? more : p->blocks;
    if (!more || !copy) {
        r->no_memory = true;
        free(copy);
        return;
    }
    p->blocks[p->count++] = (struct page_block){ kind, r->answer, r->number, copy };
}

/* Appends to the last block, behind `between`. */
static void go_on(struct reader *r, const char *between, const char *text)
{
    struct page_block *b = last_block(r);
    size_t old = b ? strlen(b->text) : 0, size = old + strlen(between) + strlen(text) + 1;
    char *more = b ? realloc(b->text, size) : NULL;

    if (!more) {
        r->no_memory = true;
        return;
    }
    b->text = more;
    snprintf(more + old, size - old, "%s%s", old ? between : "", text);
}

static bool is_open(const struct reader *r, enum block_kind kind)
{
    return r->open && last_block(r) && last_block(r)->kind == kind;
}

static bool is_item(const char *line)
{
    size_t digits = strspn(line, "0123456789");

    return strncmp(line, "- ", 2) == 0 || (digits > 0 && strncmp(line + digits, ". ", 2) == 0);
}

/* ---- one line ---- */

/* A line of a fenced block, or a mark of one.  Whether it was. */
static bool read_fenced(struct reader *r)
{
    if (strncmp(r->line, "```", 3) == 0) {
        r->fence = !r->fence;
        if (r->fence)
            add_block(r, strcmp(r->line + 3, "expect") == 0 ? BLOCK_EXPECT : BLOCK_VERBATIM, "");
        else
            r->open = false;
        return true;
    }
    if (r->fence)
        go_on(r, "\n", r->line);
    return r->fence;
}

static bool read_quiz(struct reader *r)
{
    char *begin = strstr(r->line, QUIZ_BEGIN), *end = strstr(r->line, QUIZ_END);

    if (begin && end) {
        *end = '\0';
        r->answer = false;
        add_block(r, BLOCK_QUIZ, begin + strlen(QUIZ_BEGIN));
        r->answer = true;
        return true;
    }
    if (strcmp(r->line, "</details>") != 0)
        return false;
    r->answer = r->open = false;
    return true;
}

static void read_heading(struct reader *r)
{
    const char *text = r->line + strspn(r->line, "# ");

    if (r->page->title) {
        add_block(r, BLOCK_HEADING, text);
        return;
    }
    text += strspn(text, "0123456789. "); /* the number is the file's */
    r->page->title = strdup(text);
    r->no_memory = r->no_memory || !r->page->title;
}

static void read_indented(struct reader *r)
{
    const char *text = r->line + strspn(r->line, " ");

    if (strncmp(text, "contend ", 8) == 0)
        add_block(r, BLOCK_COMMAND, text);
    else if (is_open(r, BLOCK_ITEM))
        go_on(r, " ", text);
    else if (is_open(r, BLOCK_VERBATIM))
        go_on(r, "\n", r->line);
    else
        add_block(r, BLOCK_VERBATIM, r->line);
}

static void read_line(struct reader *r)
{
    const char *line = r->line;

    if (read_fenced(r) || read_quiz(r))
        return;
    if (!line[0] || strncmp(line, "<!--", 4) == 0)
        r->open = false;
    else if (line[0] == '#')
        read_heading(r);
    else if (strncmp(line, "    ", 4) == 0)
        read_indented(r);
    else if (line[0] == '|' && is_open(r, BLOCK_VERBATIM))
        go_on(r, "\n", line);
    else if (line[0] == '|')
        add_block(r, BLOCK_VERBATIM, line);
    else if (is_item(line))
        add_block(r, BLOCK_ITEM, line);
    else if (is_open(r, BLOCK_ITEM) || is_open(r, BLOCK_TEXT))
        go_on(r, " ", line + strspn(line, " "));
    else
        add_block(r, BLOCK_TEXT, line);
}

/* ---- the whole ---- */

static int refuse(char *why, size_t size, unsigned line, const char *text)
{
    snprintf(why, size, "line %u: %s", line, text);
    return -EINVAL;
}

/* Items "- a: ..." below the heading "Predict", in the order of the alphabet. */
static void find_choices(struct page *p)
{
    bool predicting = false;

    for (unsigned i = 0; i < p->count; i++) {
        const struct page_block *b = &p->blocks[i];
        if (b->kind == BLOCK_HEADING)
            predicting = strcmp(b->text, "Predict") == 0;
        if (predicting && b->kind == BLOCK_ITEM && p->choice_count < PAGE_CHOICES &&
            b->text[2] == (char)('a' + p->choice_count) && strncmp(b->text + 3, ": ", 2) == 0)
            p->choices[p->choice_count++] = b->text + 5;
    }
}

static int check(const struct page *p, char *why, size_t size)
{
    if (!p->title)
        return refuse(why, size, 1, "there is no title: '# NUMBER. TITLE'");
    for (unsigned i = 0; i < p->count; i++)
        if (p->blocks[i].kind == BLOCK_EXPECT && (i == 0 || p->blocks[i - 1].kind != BLOCK_COMMAND))
            return refuse(why, size, p->blocks[i].line, "there is no command before what is expected");
    return 0;
}

int page_read(struct page *p, FILE *in, char *why, size_t size)
{
    struct reader r = { .page = p, .in = in };
    ssize_t length;
    int error = 0;

    *p = (struct page){ .count = 0 };
    while (!r.no_memory && (length = getline(&r.line, &r.size, in)) > 0) {
        r.number++;
        while (length > 0 && isspace((unsigned char)r.line[length - 1]))
            r.line[--length] = '\0';
        read_line(&r);
    }
    free(r.line);
    if (r.no_memory)
        error = -ENOMEM;
    else if (r.fence)
        error = refuse(why, size, r.number, "a fenced block has no end");
    else if (r.answer)
        error = refuse(why, size, r.number, "the answer of a quiz has no </details>");
    else
        error = check(p, why, size);
    if (error)
        page_free(p);
    else
        find_choices(p);
    return error;
}

void page_free(struct page *p)
{
    for (unsigned i = 0; i < p->count; i++)
        free(p->blocks[i].text);
    free(p->blocks);
    free(p->title);
    *p = (struct page){ .count = 0 };
}

/* Behind the words of a link: " (docs/checker.md)", where its target is a page outside the course. */
static char *put_target(char *to, size_t size, const char *target)
{
    size_t length = strcspn(target, "#)");

    if (strncmp(target, "../", 3) != 0)
        return to;
    snprintf(to, size, " (docs/%.*s)", (int)length - 3, target + 3);
    return to + strlen(to);
}

char *page_plain(const char *text)
{
    size_t size = 2 * strlen(text) + 1;
    char *plain = malloc(size), *to = plain, before = ' ';
    bool link = false, code = false;

    for (const char *from = text; plain && *from; before = *from++) {
        code ^= *from == '`';
        /* Stars that touch a word on one side; not those of arithmetic, or of code. */
        if (from[0] == '*' && !code && (before != ' ' || (from[1] != ' ' && from[1])))
            continue;
        if (from[0] == '[' && !code && strstr(from, "](")) {
            link = true;
            continue;
        }
        if (link && from[0] == ']' && from[1] == '(') {
            to = put_target(to, size - (size_t)(to - plain), from + 2);
            from += strcspn(from, ")");
            link = false;
            if (!*from)
                break;
            continue;
        }
        *to++ = *from;
    }
    if (plain)
        *to = '\0';
    return plain;
}
