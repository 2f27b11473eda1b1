/* check_page.c - see check_page.h. */
#include "bench/tool/check_page.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/report/results.h"
#include "bench/tool/headers.h"

static bool refuse(const char *path, int error)
{
    fprintf(stderr, "contend check: --page=%s: %s\n", path, strerror(error));
    return false;
}

bool check_page_possible(const char *path)
{
    char *folder = strdup(path), *slash = folder ? strrchr(folder, '/') : NULL;
    struct stat st;
    int error = 0;

    if (slash)
        slash[slash == folder] = '\0';
    if (!*path)
        error = ENOENT;
    else if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        error = EISDIR;
    else if (access(slash ? folder : ".", W_OK) != 0)
        error = errno;
    free(folder);
    return !error || refuse(path, error);
}

/* The comment at the head of the strategy's file; free() it.  NULL if it cannot be had. */
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

bool check_page_write(const char *path, const struct suite_failure *failure)
{
    char *comment = head_comment(subject_header(&failure->subject)), *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    int error = out ? 0 : -ENOMEM;

    if (out)
        suite_page(failure, comment, out);
    if (out && fclose(out) != 0)
        error = -errno;
    if (!error)
        error = results_write(path, text);
    free(comment);
    free(text);
    return !error || refuse(path, -error);
}
