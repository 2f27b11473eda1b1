/* check_page.c - see check_page.h. */
#include "bench/tool/check_page.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/report/output.h"
#include "bench/tool/headers.h"

/* The comment at the head of the strategy's file; free() it.  NULL if it cannot be read. */
static char *head_comment(const char *header)
{
    char *root = headers_root(NULL), *path = root ? headers_path(root, header) : NULL;
    FILE *f = path ? fopen(path, "re") : NULL;
    char *text = NULL, *end;
    size_t size = 0;

    if (f && getdelim(&text, &size, '\0', f) == -1) {
        free(text);
        text = NULL;
    }
    end = text ? strstr(text, "*/") : NULL;
    if (end)
        end[2] = '\0';
    if (f)
        fclose(f);
    free(path);
    free(root);
    return text;
}

int check_page_write(const char *path, struct suite_failure *failure)
{
    char *comment = head_comment(subject_header(&failure->subject)), *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    bool whole = out != NULL;

    if (out) {
        suite_page(failure, comment, out);
        whole = fclose(out) == 0;
    }
    int error = output_save("page", path, whole ? text : NULL);
    free(comment);
    free(text);
    return error;
}
