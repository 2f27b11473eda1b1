/* lab_new.c - `contend lab new` and `contend lab judge`: homework, and who judges it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/base/arguments.h"
#include "bench/base/nearest.h"
#include "bench/course/catalog.h"
#include "bench/tool/commands.h"
#include "bench/tool/lab_new.h"

enum { PATH = 4096 };

static const char *const kinds[] = { "lock", "counter", "stack", "queue", "seqlock", "map", NULL };

static const char help_new[] =
    "Usage: contend lab new KIND DIR\n"
    "       contend lab judge DIR [--json=FILE]\n"
    "\n"
    "new writes homework into DIR, which it makes: KIND.h, a skeleton that compiles\n"
    "and is right for one thread, and a Makefile of two lines.  KIND is lock,\n"
    "counter, stack, queue, seqlock or map.  `make` in DIR then asks the judge, and\n"
    "so does the second line above: whether the header compiles, what the checker\n"
    "finds under every schedule that it can try, whether a stopped thread holds up\n"
    "the others, what real threads find, and the speed beside a mutex.  What the\n"
    "checker has no model of is not judged, and it says so.\n"
    "\n"
    "      --json=FILE         the verdict for programs: each part with its words\n"
    "  -h, --help              this text\n"
    "\n"
    "Exit status: 0 passed, 1 failed, 2 wrong usage or an error of the judge itself.\n";

/* DIR/NAME; whether it fits. */
static bool join(char path[PATH], const char *dir, const char *name, const char *end)
{
    return snprintf(path, PATH, "%s/%s%s", dir, name, end) < PATH;
}

static bool known_kind(const char *name)
{
    struct nearest near = { .wanted = name };
    char hint[NEAREST_HINT];

    for (const char *const *kind = kinds; *kind; kind++) {
        if (strcmp(*kind, name) == 0)
            return true;
        nearest_offer(&near, *kind);
    }
    arguments_error("there is no homework '%s': lock, counter, stack, queue, seqlock or map%s", name,
                    nearest_hint(&near, "", hint));
    return false;
}

/* A file that must not be there yet.  NULL after a message. */
static FILE *new_file(const char *path)
{
    FILE *f = fopen(path, "wxe");

    if (!f)
        arguments_error("%s: %s", path, strerror(errno));
    return f;
}

static int copy(const char *from, const char *to)
{
    char text[4096];
    size_t length;
    FILE *in = fopen(from, "re");

    if (!in)
        return arguments_error("%s: %s", from, strerror(errno));
    FILE *out = new_file(to);
    while (out && (length = fread(text, 1, sizeof text, in)) > 0)
        fwrite(text, 1, length, out);
    fclose(in);
    return !out || fclose(out) != 0 ? -EIO : 0;
}

/* How this program is called from another folder: by its name if that finds it, else by its path. */
static const char *own_name(char path[PATH])
{
    ssize_t length = readlink("/proc/self/exe", path, PATH - 1);

    path[length > 0 ? length : 0] = '\0';
    return path;
}

static int write_makefile(const char *path, const char *kind)
{
    char tool[PATH];
    FILE *f = new_file(path);

    if (!f)
        return -EIO;
    fprintf(f, "KIND = %s\njudge: ; @%s lab judge .\n", kind, own_name(tool));
    return fclose(f) != 0 ? -EIO : 0;
}

static int new_homework(const char *kind, const char *dir)
{
    char folder[PATH], source[PATH], header[PATH], makefile[PATH], inner[128];

    snprintf(inner, sizeof inner, "homework/%s/skeleton", kind);
    if (!join(source, catalog_folder(folder), inner, ".h") || !join(header, dir, kind, ".h") ||
        !join(makefile, dir, "Makefile", "")) {
        arguments_error("%s: the name is too long", dir);
        return 1;
    }
    if (mkdir(dir, 0777) != 0 && errno != EEXIST) {
        arguments_error("%s: %s", dir, strerror(errno));
        return 1;
    }
    if (copy(source, header) != 0 || write_makefile(makefile, kind) != 0)
        return 1;
    printf("%s\n%s\n\nThe skeleton is right for one thread.  `make -C %s` asks the judge.\n", header,
           makefile, dir);
    return 0;
}

static int judge(const char *dir, const char *json)
{
    char folder[PATH], script[PATH], tool[PATH];

    if (!join(script, catalog_folder(folder), "homework/judge.sh", "") || access(script, R_OK) != 0) {
        arguments_error("%s: %s", script, strerror(errno));
        return 1;
    }
    setenv("CONTEND", own_name(tool), 1);
    execl("/bin/sh", "sh", script, dir, json, (char *)NULL);
    arguments_error("/bin/sh: %s", strerror(errno));
    return 1;
}

int lab_homework(int argc, char **argv)
{
    static const struct option options[] = {
        { "json", required_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 },
    };
    const char *json = NULL;
    bool judges = strcmp(argv[0], "judge") == 0;
    int option;

    arguments_of(judges ? "lab judge" : "lab new");
    optind = 1;
    while ((option = arguments_next(argc, argv, "h", options)) != -1) {
        if (option == 'h') {
            fputs(help_new, stdout);
            return 0;
        }
        if (option != 'j')
            return 2;
        json = optarg;
    }
    int wanted = judges ? 1 : 2;
    if (argc - optind != wanted || (json && !judges)) {
        arguments_error(judges ? "one DIR is wanted, see contend lab judge --help"
                               : "a KIND and a DIR are wanted, see contend lab new --help");
        return 2;
    }
    if (judges)
        return judge(argv[optind], json);
    return known_kind(argv[optind]) ? new_homework(argv[optind], argv[optind + 1]) : 2;
}
