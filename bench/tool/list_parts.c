/* list_parts.c - reads heads of headers as text and prints them as pages. */
#include "bench/tool/list_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/tool/headers.h"

enum { LABEL = 16, WIDTH = 80, PARAGRAPH = 4096 };

/* A paragraph of a head as far as it is read: "Progress" and its sentences. */
struct paragraph {
    char label[LABEL], text[PARAGRAPH];
};

static void end_paragraph(struct paragraph *p)
{
    if (p->text[0])
        text_labelled(stdout, p->label, p->text, LABEL, WIDTH);
    p->label[0] = p->text[0] = '\0';
}

/* What a line of a comment says, between its star and its end. */
static char *words_of(char *line)
{
    line += strspn(line, " /");
    line += strspn(line, "*");
    line += strspn(line, " ");
    line[strcspn(line, "\n")] = '\0';
    return line;
}

/* Whether the words begin with a heading, "Use when: "; then where its sentences begin. */
static const char *behind_heading(const char *words, char label[LABEL])
{
    const char *colon = strstr(words, ": ");
    size_t length = colon ? (size_t)(colon - words) : LABEL;

    if (length >= LABEL || !isupper((unsigned char)words[0]))
        return NULL;
    for (size_t i = 1; i < length; i++)
        if (!islower((unsigned char)words[i]) && words[i] != ' ')
            return NULL;
    memcpy(label, words, length);
    label[length] = '\0';
    return colon + 2;
}

static void take_line(struct paragraph *p, char *line)
{
    const char *words = words_of(line), *sentences;
    char label[LABEL];
    size_t used;

    sentences = behind_heading(words, label);
    if (sentences || !*words)
        end_paragraph(p);
    if (sentences) {
        memcpy(p->label, label, sizeof label);
        words = sentences;
    }
    used = strlen(p->text);
    snprintf(p->text + used, sizeof p->text - used, "%s%s", used ? " " : "", words);
}

/* The comment at the top of a header. */
static void print_head(const char *root, const char *name)
{
    char *path = headers_path(root, name), *line = NULL;
    struct paragraph p = { "", "" };
    size_t size = 0;
    FILE *f = fopen(path, "re");

    printf("\n  %s\n", name);
    while (f && getline(&line, &size, f) != -1 && !strstr(line, "*/"))
        take_line(&p, line);
    end_paragraph(&p);
    if (f)
        fclose(f);
    free(line);
    free(path);
}

/* Whether it is the header of a strategy, which `contend list` shows by its name. */
static bool has_a_page(const char *header)
{
    struct entry e;

    for (size_t i = 0; entry_at(i, &e); i++)
        if (strcmp(e.header, header) == 0)
            return true;
    return false;
}

void list_parts(const struct entry *e)
{
    const char *choices = e->family->choices(e->ops);
    char *root = choices && *choices ? headers_root(NULL) : NULL;
    struct headers h;

    if (!root)
        return;
    if (headers_needed(&h, root, e->header, choices) == 0) {
        for (unsigned i = 0; i < h.count; i++)
            if (h.chosen[i] && !has_a_page(h.names[i]))
                print_head(root, h.names[i]);
        headers_free(&h);
    }
    free(root);
}
