/*
 * page.h - the text of a lab: docs/course/NN-name.md, cut into the blocks that it is led through by.
 *
 * A lab is one page of Markdown and nothing else.  What the page has beyond headings, paragraphs,
 * lists and tables:
 *   - a line that is indented by four blanks and begins with "contend" is a command;
 *   - a fenced block named "expect" below a command is the shape that its result must have, in the
 *     sentences of shape.h;
 *   - items "- a: ..." below the heading "Predict" are what a learner may predict;
 *   - <details><summary>Quiz: ...</summary> hides an answer, until </details>.
 * All of it is read well by any other reader of Markdown.
 */
#ifndef CONTEND_BENCH_COURSE_PAGE_H
#define CONTEND_BENCH_COURSE_PAGE_H

#include <stdbool.h>
#include <stdio.h>

enum block_kind {
    BLOCK_HEADING,   /* "Question" */
    BLOCK_TEXT,      /* a paragraph, on one line */
    BLOCK_ITEM,      /* of a list, on one line, with its "-" or "1." */
    BLOCK_VERBATIM,  /* tables and code, as they stand */
    BLOCK_COMMAND,   /* "contend check counters/plain" */
    BLOCK_EXPECT,    /* what must hold of the command before it, a sentence a line */
    BLOCK_QUIZ       /* a question; its answer is in the blocks behind it, see `answer` */
};

struct page_block {
    enum block_kind kind;
    bool answer;   /* hidden until the quiz before it is opened */
    unsigned line; /* where it begins, from 1 */
    char *text;
};

enum { PAGE_CHOICES = 8 };

struct page {
    char *title;                /* "A lost clap" */
    struct page_block *blocks;
    unsigned count;
    const char *choices[PAGE_CHOICES]; /* what may be predicted, by letter from 'a' on; into the blocks */
    unsigned choice_count;
};

/* Reads a page.  0, -ENOMEM, or -EINVAL with the reason, which names the line, in `why`. */
int page_read(struct page *p, FILE *in, char *why, size_t size);
void page_free(struct page *p);

/*
 * A text as a terminal shows it, to be freed, or NULL: without the stars of Markdown, and with the file
 * that a link leads to behind its words.
 */
char *page_plain(const char *text);

#endif
