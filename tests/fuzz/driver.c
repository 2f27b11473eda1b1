/*
 * driver.c - runs a target on its corpus and on mutations of it, without libFuzzer.
 *
 * Usage: fuzz_TARGET FOLDER MUTATIONS LAST
 *
 * A child does it; the parent speaks TAP: one case for the corpus in FOLDER as it is,
 * one for so many mutations of its files.  The input under way always lies in the file
 * LAST, so that it is there whatever ended the child.  CONTEND_SEED chooses the
 * mutations.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mutate.h"

enum { FILES = 512, FILE_MAX = 1 << 20 };

struct corpus {
    struct input files[FILES];
    unsigned count;
};

/* The file that holds the input under way. */
struct last {
    const char *path;
    int fd;
    uint8_t *bytes; /* FILE_MAX of them, shared with the file */
    struct progress {
        size_t length; /* of the input */
        int done;      /* all have been tried: an input may also have ended the child by exit() */
    } *progress;       /* shared with the parent */
};

static _Noreturn void give_up(const char *what)
{
    printf("Bail out! %s: %s\n", what, strerror(errno));
    exit(1);
}

static struct input read_whole(const char *path)
{
    struct input in = { .bytes = malloc(FILE_MAX) };
    FILE *f = fopen(path, "re");

    if (!f || !in.bytes)
        give_up(path);
    in.size = fread(in.bytes, 1, FILE_MAX, f);
    fclose(f);
    return in;
}

static int visible(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

static void read_corpus(struct corpus *c, const char *folder)
{
    struct dirent **names;
    int count = scandir(folder, &names, visible, alphasort);
    char path[4096];

    if (count <= 0 || count > FILES)
        give_up(folder);
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        c->files[c->count++] = read_whole(path);
        free(names[i]);
    }
    free(names);
}

static void open_last(struct last *l, const char *path)
{
    FILE *f = fopen(path, "w+e");

    l->fd = f ? fileno(f) : -1; /* the stream stays open as long as we run */
    if (l->fd < 0 || ftruncate(l->fd, FILE_MAX) != 0)
        give_up(path);
    l->path = path;
    l->bytes = mmap(NULL, FILE_MAX, PROT_READ | PROT_WRITE, MAP_SHARED, l->fd, 0);
    l->progress = mmap(NULL, sizeof *l->progress, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (l->bytes == MAP_FAILED || l->progress == MAP_FAILED)
        give_up(path);
}

static void try_input(const struct last *l, const struct input *in)
{
    memcpy(l->bytes, in->bytes, in->size);
    l->progress->length = in->size;
    LLVMFuzzerTestOneInput(l->bytes, in->size);
}

/* `rounds` times: one is enough. */
static void run_corpus(const struct corpus *c, const struct last *l, unsigned long rounds)
{
    for (; rounds > 0; rounds--)
        for (unsigned i = 0; i < c->count; i++)
            try_input(l, &c->files[i]);
}

static uint64_t seed(void)
{
    const char *text = getenv("CONTEND_SEED");

    return text ? strtoull(text, NULL, 10) : 1;
}

static void run_mutations(const struct corpus *c, const struct last *l, unsigned long count)
{
    static uint8_t bytes[MUTATE_MAX];
    struct random r = random_seeded(seed(), 0);

    for (unsigned long i = 0; i < count; i++) {
        const struct input *from = &c->files[random_below(&r, c->count)];
        struct input in = { bytes, from->size < MUTATE_MAX ? from->size : MUTATE_MAX };
        memcpy(bytes, from->bytes, in.size);
        mutate(&in, &c->files[random_below(&r, c->count)], &r);
        try_input(l, &in);
    }
}

/* What the child said, as diagnostics: of a sanitizer's report the beginning matters. */
static void print_said(FILE *said)
{
    char line[512];

    rewind(said);
    for (unsigned i = 0; i < 60 && fgets(line, sizeof line, said); i++)
        printf("# %s%s", line, strchr(line, '\n') ? "" : "\n");
}

/* One case: `run` in a child, with `count` inputs.  Whether it was fine. */
static int run_case(int number, const char *name, const struct last *l, const struct corpus *c,
                    void (*run)(const struct corpus *c, const struct last *l, unsigned long count),
                    unsigned long count)
{
    FILE *said = tmpfile();
    int status = -1;

    l->progress->done = 0;
    fflush(stdout);
    pid_t child = said ? fork() : -1;
    if (child < 0)
        give_up("a child");
    if (child == 0) {
        dup2(fileno(said), STDERR_FILENO);
        LLVMFuzzerInitialize(NULL, NULL);
        run(c, l, count);
        l->progress->done = 1;
        exit(0);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    int fine = status == 0 && l->progress->done;
    printf("%sok %d - %s\n", fine ? "" : "not ", number, name);
    if (!fine && ftruncate(l->fd, (off_t)l->progress->length) == 0) {
        printf("# ended with %s %d; the input is kept in %s\n",
               WIFSIGNALED(status) ? "signal" : "status",
               WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), l->path);
        print_said(said);
    }
    fclose(said);
    return fine;
}

int main(int argc, char **argv)
{
    static struct corpus corpus;
    struct last last;
    char name[64];

    if (argc != 4)
        give_up("usage: FOLDER MUTATIONS LAST");
    unsigned long count = strtoul(argv[2], NULL, 10);
    read_corpus(&corpus, argv[1]);
    open_last(&last, argv[3]);
    printf("1..2\n");
    snprintf(name, sizeof name, "%u files", corpus.count);
    if (!run_case(1, name, &last, &corpus, run_corpus, 1)) {
        printf("ok 2 # SKIP mutations of a corpus that fails\n");
        return 1;
    }
    snprintf(name, sizeof name, "%lu mutations, seed %llu", count, (unsigned long long)seed());
    if (!run_case(2, name, &last, &corpus, run_mutations, count))
        return 1;
    unlink(argv[3]);
    return 0;
}
