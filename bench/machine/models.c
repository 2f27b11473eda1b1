/* models.c - each call of a library function becomes one event of the machine. */
#include "bench/machine/models.h"

#include <errno.h>
#include <string.h>

#include "bench/machine/machine.h"
#include "bench/machine/model_parts.h"

#define PC __builtin_return_address(0)

uintptr_t machine_registers[MACHINE_REGISTERS];

/* Semaphores report an error through errno; pthread functions return it. */
static int by_errno(int error)
{
    if (error == 0)
        return 0;
    errno = error;
    return -1;
}

/* ---- locks ---- */

/* Making an object is a plain write: every use of it must be ordered after this. */
void object_make(void *object, size_t size, const void *pc)
{
    machine->plain(object, size, true, false, pc);
    memset(object, 0, size);
}

/* Destroying it is a plain write as well: every use must be ordered before this. */
int object_end(void *object, size_t size, const void *pc)
{
    int error = machine->lock_destroy(object, pc);

    machine->plain(object, size, true, false, pc);
    return error;
}

int check_mutex_init(pthread_mutex_t *m)
{
    object_make(m, sizeof *m, PC);
    return 0;
}

int check_mutex_destroy(pthread_mutex_t *m)
{
    return object_end(m, sizeof *m, PC);
}

/* Without the bits beside it. */
static int type_of(const pthread_mutex_t *m)
{
    enum { TYPES = 3 };

    return m->__data.__kind & TYPES;
}

/* Whether its type asks for its owner.  A driver on real threads has no numbers for them. */
static bool knows_owner(const pthread_mutex_t *m)
{
    int kind = type_of(m);

    return machine->self && (kind == PTHREAD_MUTEX_RECURSIVE || kind == PTHREAD_MUTEX_ERRORCHECK);
}

bool mutex_is_own(const pthread_mutex_t *m)
{
    return knows_owner(m) && m->__data.__owner == (int)machine->self() + 1;
}

static void count_up(pthread_mutex_t *m)
{
    if (!knows_owner(m))
        return;
    m->__data.__owner = (int)machine->self() + 1;
    m->__data.__count++;
}

/* `kept`: the thread has locked it more often. */
static int count_down(pthread_mutex_t *m, bool *kept)
{
    *kept = false;
    if (!knows_owner(m))
        return 0;
    if (!mutex_is_own(m))
        return EPERM;
    *kept = --m->__data.__count > 0;
    if (!*kept)
        m->__data.__owner = 0;
    return 0;
}

int mutex_lock(pthread_mutex_t *m, bool try, const void *pc)
{
    bool again = mutex_is_own(m);

    if (again && type_of(m) != PTHREAD_MUTEX_RECURSIVE)
        return try ? EBUSY : EDEADLK;
    int error = again ? 0 : machine->lock(m, MACHINE_MUTEX, try, pc);
    if (!error && !again)
        error = robust_taken(m, pc);
    if (!error || error == EOWNERDEAD)
        count_up(m);
    return error;
}

int check_mutex_lock(pthread_mutex_t *m)
{
    return mutex_lock(m, false, PC);
}

int check_mutex_trylock(pthread_mutex_t *m)
{
    return mutex_lock(m, true, PC);
}

int mutex_unlock(pthread_mutex_t *m, const void *pc)
{
    bool kept;
    int error = count_down(m, &kept);

    if (error || kept)
        return error;
    robust_left(m, pc);
    return machine->unlock(m, pc);
}

int check_mutex_unlock(pthread_mutex_t *m)
{
    return mutex_unlock(m, PC);
}

int check_rwlock_init(pthread_rwlock_t *l, const pthread_rwlockattr_t *attributes)
{
    (void)attributes;
    object_make(l, sizeof *l, PC);
    return 0;
}

int check_rwlock_destroy(pthread_rwlock_t *l)
{
    return object_end(l, sizeof *l, PC);
}

int check_rwlock_rdlock(pthread_rwlock_t *l)
{
    return machine->lock(l, MACHINE_READ, false, PC);
}

int check_rwlock_tryrdlock(pthread_rwlock_t *l)
{
    return machine->lock(l, MACHINE_READ, true, PC);
}

int check_rwlock_wrlock(pthread_rwlock_t *l)
{
    return machine->lock(l, MACHINE_WRITE, false, PC);
}

int check_rwlock_trywrlock(pthread_rwlock_t *l)
{
    return machine->lock(l, MACHINE_WRITE, true, PC);
}

int check_rwlock_unlock(pthread_rwlock_t *l)
{
    return machine->unlock(l, PC);
}

/* ---- spin locks: a word that is 1 while the lock is held ---- */

int check_spin_init(pthread_spinlock_t *s, int shared)
{
    (void)shared;
    object_make((void *)s, sizeof *s, PC);
    return 0;
}

int check_spin_destroy(pthread_spinlock_t *s)
{
    machine->plain((void *)s, sizeof *s, true, false, PC);
    return 0;
}

static int spin_take(void *word, const void *pc)
{
    return machine->rmw(word, sizeof(pthread_spinlock_t), MACHINE_EXCHANGE, 1, __ATOMIC_ACQUIRE, pc)
               ? EBUSY
               : 0;
}

int check_spin_lock(pthread_spinlock_t *s)
{
    MACHINE_KEEP_REGISTERS();
    while (spin_take((void *)s, PC) != 0) {
        MACHINE_KEEP_REGISTERS();
        machine->relax(PC);
    }
    return 0;
}

int check_spin_trylock(pthread_spinlock_t *s)
{
    MACHINE_KEEP_REGISTERS();
    return spin_take((void *)s, PC);
}

int check_spin_unlock(pthread_spinlock_t *s)
{
    machine->store((void *)s, sizeof *s, 0, __ATOMIC_RELEASE, PC);
    return 0;
}

/* ---- condition variables and semaphores ---- */

int check_cond_init(pthread_cond_t *c, const pthread_condattr_t *attributes)
{
    (void)attributes;
    object_make(c, sizeof *c, PC);
    return 0;
}

int check_cond_destroy(pthread_cond_t *c)
{
    return object_end(c, sizeof *c, PC);
}

/* A wait lets go of its mutex once: a thread that has locked it more often keeps it, as in the GNU C library. */
int wait_for(pthread_cond_t *c, pthread_mutex_t *m, const void *pc)
{
    bool kept;
    int error = count_down(m, &kept);

    if (error)
        return error;
    if (!kept)
        robust_left(m, pc);
    error = machine->cond_wait(c, kept ? NULL : m, pc);
    if (!error && !kept)
        error = robust_taken(m, pc);
    if (error != ENOTRECOVERABLE)
        count_up(m);
    return error;
}

int check_cond_wait(pthread_cond_t *c, pthread_mutex_t *m)
{
    return wait_for(c, m, PC);
}

int check_cond_signal(pthread_cond_t *c)
{
    machine->cond_wake(c, false, PC);
    return 0;
}

int check_cond_broadcast(pthread_cond_t *c)
{
    machine->cond_wake(c, true, PC);
    return 0;
}

int check_sem_init(sem_t *s, int shared, unsigned value)
{
    (void)shared;
    object_make(s, sizeof *s, PC);
    machine->sem_init(s, value, PC);
    return 0;
}

int check_sem_destroy(sem_t *s)
{
    int error = machine->sem_destroy(s, PC);

    machine->plain(s, sizeof *s, true, false, PC);
    return by_errno(error);
}

int check_sem_wait(sem_t *s)
{
    return by_errno(machine->sem_wait(s, false, PC));
}

int check_sem_trywait(sem_t *s)
{
    return by_errno(machine->sem_wait(s, true, PC));
}

int check_sem_post(sem_t *s)
{
    return by_errno(machine->sem_post(s, PC));
}

int check_sem_getvalue(sem_t *s, int *value)
{
    *value = machine->sem_value(s, PC);
    return 0;
}

/* ---- memory ---- */

void *check_malloc(size_t size)
{
    return machine->allocate(size, 16, false, PC);
}

static bool overflows(size_t count, size_t size)
{
    return size && count > SIZE_MAX / size;
}

void *check_calloc(size_t count, size_t size)
{
    if (overflows(count, size))
        return NULL;
    return machine->allocate(count * size, 16, true, PC);
}

void *check_realloc(void *block, size_t size)
{
    return machine->reallocate(block, size, PC);
}

void *check_reallocarray(void *block, size_t count, size_t size)
{
    if (!overflows(count, size))
        return machine->reallocate(block, count * size, PC);
    errno = ENOMEM;
    return NULL;
}

void *check_memalign(size_t align, size_t size)
{
    return machine->allocate(size, align, false, PC);
}

enum { PAGE = 4096 };

void *check_valloc(size_t size)
{
    return machine->allocate(size, PAGE, false, PC);
}

void *check_pvalloc(size_t size)
{
    return machine->allocate((size + PAGE - 1) / PAGE * PAGE, PAGE, false, PC);
}

size_t check_malloc_usable_size(void *block)
{
    return block ? machine->block_size(block) : 0;
}

void *check_aligned_alloc(size_t align, size_t size)
{
    return machine->allocate(size, align, false, PC);
}

int check_posix_memalign(void **block, size_t align, size_t size)
{
    if (align % sizeof *block || align & (align - 1) || align == 0)
        return EINVAL;
    void *made = machine->allocate(size, align, false, PC);
    if (!made)
        return ENOMEM;
    machine->plain(block, sizeof *block, true, false, PC);
    *block = made;
    return 0;
}

void check_free(void *block)
{
    if (block)
        machine->release(block, PC);
}

/* ---- the platform ---- */

int check_yield(void)
{
    MACHINE_KEEP_REGISTERS();
    machine->relax(PC);
    return 0;
}

void check_thrd_yield(void)
{
    MACHINE_KEEP_REGISTERS();
    machine->relax(PC);
}

void check_cpu_relax(void)
{
    MACHINE_KEEP_REGISTERS();
    machine->relax(PC);
}

void check_futex_wait(void *word, uint32_t expected)
{
    (void)machine->futex_wait(word, expected, false, PC);
}

void check_futex_wake(void *word, int count)
{
    (void)machine->futex_wake(word, count, PC);
}

void check_membarrier(void)
{
    machine->membarrier(PC);
}

uint64_t check_clock_ns(void)
{
    return machine->clock_ns(PC);
}

unsigned check_choice(unsigned count)
{
    return machine->choice(count, PC);
}

/* ---- RCU ---- */

void check_rcu_register(void)
{
    machine->rcu_register(true, PC);
}

void check_rcu_unregister(void)
{
    machine->rcu_register(false, PC);
}

void check_rcu_read_lock(void)
{
    machine->rcu_read(true, PC);
}

void check_rcu_read_unlock(void)
{
    machine->rcu_read(false, PC);
}

void check_rcu_synchronize(void)
{
    machine->rcu_synchronize(PC);
}

void check_rcu_call(struct rcu_head *head, void (*reclaim)(struct rcu_head *head))
{
    machine->rcu_defer(head, (void (*)(void *))reclaim, PC);
}

void check_rcu_barrier(void)
{
    machine->rcu_barrier(PC);
}
