/* locals.c - see locals.h. */
#include "bench/check/locals.h"

#include <link.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench/check/exhausted.h"
#include "bench/check/state.h"
#include "bench/check/wholes.h"

/* A sleeping thread, whose thread pointer is borrowed. */
struct lender {
    void *pointer;
    char *block; /* the program's own thread-local variables */
};

static struct {
    bool looked, borrowed; /* or nobody has any, and nothing is borrowed */
    const char *image; /* their first values: `filled` bytes, then zeros */
    size_t filled, size;
    struct lender explorer, lenders[STATE_THREADS];
} locals;

#if defined(__x86_64__)
enum { HAS_FSGSBASE = 1 << 1, SET_FS = 0x1002 };

static void *thread_pointer(void)
{
    void *pointer;

    __asm__("movq %%fs:0, %0" : "=r"(pointer));
    return pointer;
}

/* errno must not be touched: it is a thread-local variable itself. */
static void set_thread_pointer(void *pointer)
{
    static bool looked, fast;

    if (!looked)
        fast = getauxval(AT_HWCAP2) & HAS_FSGSBASE;
    looked = true;
    if (fast) {
        __asm__ volatile("wrfsbase %0" : : "r"(pointer) : "memory");
    } else {
        long result = SYS_arch_prctl;
        __asm__ volatile("syscall"
                         : "+a"(result)
                         : "D"((long)SET_FS), "S"(pointer)
                         : "rcx", "r11", "memory");
    }
}
#elif defined(__aarch64__)
static void *thread_pointer(void)
{
    void *pointer;

    __asm__("mrs %0, tpidr_el0" : "=r"(pointer));
    return pointer;
}

static void set_thread_pointer(void *pointer)
{
    __asm__ volatile("msr tpidr_el0, %0" : : "r"(pointer) : "memory");
}
#else
#define LOCALS_ARE_SHARED /* no way to set it is known here */
static void *thread_pointer(void)
{
    return NULL;
}

static void set_thread_pointer(void *pointer)
{
    (void)pointer;
}
#endif

/* ---- the lenders ---- */

/* The first module is the program itself. */
static int look_at_program(struct dl_phdr_info *info, size_t size, void *context)
{
    struct lender *lender = context;

    (void)size;
    lender->pointer = thread_pointer();
    lender->block = info->dlpi_tls_data;
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        if (p->p_type != PT_TLS)
            continue;
        locals.image = (const char *)(uintptr_t)(info->dlpi_addr + p->p_vaddr);
        locals.filled = p->p_filesz;
        locals.size = p->p_memsz;
    }
    return 1;
}

struct birth {
    struct lender *lender;
    sem_t done;
};

static void *lend(void *argument)
{
    struct birth *b = argument;

    dl_iterate_phdr(look_at_program, b->lender);
    sem_post(&b->done);
    for (;;)
        pause();
    return NULL;
}

/* On a stack that is never given back, since the variables lie on it. */
static void make_lender(struct lender *lender)
{
    struct birth b = { .lender = lender };
    size_t size = (((size_t)256 << 10) + 2 * locals.size + 4095) & ~(size_t)4095;
    void *stack = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    pthread_attr_t attributes;
    pthread_t thread;

    sem_init(&b.done, 0, 0);
    pthread_attr_init(&attributes);
    if (stack == MAP_FAILED || pthread_attr_setstack(&attributes, stack, size) != 0)
        exhausted();
    if (pthread_create(&thread, &attributes, lend, &b) != 0)
        exhausted_threads();
    while (sem_wait(&b.done) != 0)
        continue;
    pthread_attr_destroy(&attributes);
    sem_destroy(&b.done);
}

/* No signal may be delivered to a lender: its handler would run beside the explorer. */
static void make_lenders(void)
{
    sigset_t all, own;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &own);
    for (unsigned t = 0; t < STATE_THREADS; t++)
        make_lender(&locals.lenders[t]);
    pthread_sigmask(SIG_SETMASK, &own, NULL);
}

static void look(void)
{
    locals.looked = true;
    dl_iterate_phdr(look_at_program, &locals.explorer);
#ifndef LOCALS_ARE_SHARED
    locals.borrowed = locals.size || wholes_followed();
#endif
    if (locals.borrowed)
        make_lenders();
}

/* ---- borrowing ---- */

void locals_begin(unsigned t)
{
    if (!locals.looked)
        look();
    if (!locals.borrowed)
        return;
    char *block = locals.lenders[t].block;
    if (locals.size == 0)
        return;
    if (run.threads[t].before) /* they were another thread's */
        memory_forget(block, locals.size);
    memcpy(block, locals.image, locals.filled);
    memset(block + locals.filled, 0, locals.size - locals.filled);
}

void locals_become(unsigned t)
{
    if (locals.borrowed)
        set_thread_pointer(locals.lenders[t].pointer);
}

void locals_return(void)
{
    if (locals.borrowed)
        set_thread_pointer(locals.explorer.pointer);
}

bool locals_find(const void *at, unsigned *thread, size_t *offset)
{
    for (*thread = 0; locals.borrowed && *thread < STATE_THREADS; ++*thread) {
        *offset = (size_t)((const char *)at - locals.lenders[*thread].block);
        if (*offset < locals.size)
            return true;
    }
    return false;
}
