/* report.c - `contend report`: results files as one page of HTML. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/report/bars.h"
#include "bench/report/output.h"
#include "bench/report/page.h"
#include "bench/report/plot.h"
#include "bench/report/results_read.h"
#include "bench/tool/command_lines.h"
#include "bench/tool/commands.h"

static const char help_text[] =
    "Usage: contend report [OPTION]... FILE...\n"
    "\n"
    "Draws results as one page of HTML that needs no network: what to take, rate over\n"
    "threads, memory against rate, ratios with their intervals, latencies, stalls,\n"
    "what the other runs found, and the machine.  FILE is what --json of run, replay,\n"
    "latency, stall, memory, oversubscribe, fairness or gallery wrote.  Of two runs\n"
    "it begins with what changed from the first to the last, as contend compare\n"
    "judges it.\n"
    "\n"
    "      --out=FILE          where to write it (default: contend-report.html)\n"
    "      --bars              no page: ratios and their intervals as bars on the\n"
    "                          terminal, of files of run and replay\n"
    "  -h, --help              this text\n"
    "\n"
    "Exit status: 0 done, 1 a file cannot be read or written, 2 wrong usage.\n";

enum report_only { OPT_OUT = 256, OPT_BARS };

static const struct option long_options[] = {
    { "out", required_argument, NULL, OPT_OUT },
    { "bars", no_argument, NULL, OPT_BARS },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 },
};

struct report_options {
    const char *out; /* NULL: the default */
    bool bars;
    char **files; /* ended by NULL */
};

static int parse(struct report_options *o, int argc, char **argv)
{
    int option;

    arguments_of("report");
    *o = (struct report_options){ .bars = false };
    optind = 1;
    while ((option = arguments_next(argc, argv, "h", long_options)) != -1)
        switch (option) {
        case OPT_OUT: o->out = optarg; break;
        case OPT_BARS: o->bars = true; break;
        case 'h': fputs(help_text, stdout); return 1;
        default: return -EINVAL;
        }
    o->files = argv + optind;
    if (!*o->files)
        return arguments_error("which FILE?  `contend run --json=FILE` writes one");
    if (o->bars && o->out)
        return arguments_error("--out would be ignored: --bars writes no page");
    o->out = o->out ? o->out : "contend-report.html";
    return 0;
}

/* The name without its folder. */
static const char *short_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static int read_all(json_t *files, char **paths)
{
    int error = 0;

    for (; *paths && !error; paths++) {
        json_t *root;
        error = results_load(&root, *paths, "contend report");
        if (!error)
            json_array_append_new(files, json_pack("{s:s, s:o}", "name", short_name(*paths), "data",
                                                   root));
    }
    return error;
}

/* 0, or -EINVAL after a message. */
static int print_bars(const json_t *files)
{
    const json_t *file;
    size_t i;

    json_array_foreach (files, i, file) {
        const json_t *data = json_object_get(file, "data");
        if (!json_is_array(json_object_get(data, "cells")))
            return arguments_error("--bars: %s has no ratios; files of run and replay have them",
                                   results_text(file, "name"));
        if (json_array_size(files) > 1)
            printf("%s\n\n", results_text(file, "name"));
        bars_print(stdout, data, plot_unicode());
    }
    return 0;
}

static int save_page(const struct report_options *o, json_t *files)
{
    int error = output_try((const struct output[]){ { "out", o->out }, { NULL, NULL } },
                           (const char *const *)o->files, json_array_size(files));
    if (error)
        return error;
    char *text = page_of(files);
    error = output_save("out", o->out, text);
    free(text);
    if (!error)
        printf("saved %s; open it in a browser\n", o->out);
    return error;
}

int command_report(int argc, char **argv)
{
    struct report_options o;
    int error = parse(&o, argc, argv);

    if (error)
        return command_line_status(error);
    json_t *files = json_array();
    error = read_all(files, o.files);
    if (!error)
        error = o.bars ? print_bars(files) : save_page(&o, files);
    json_decref(files);
    return error ? 1 : 0;
}
