/* faults.c - see faults.h; compiled with the instrumentation. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/check/bodies.h"
#include "tests/bench/check/faults.h"

static int plain;
static unsigned char bytes[8];
static _Atomic int flag, number;
static _Atomic uint32_t word;
static int *_Atomic shared;
static struct link {
    struct link *_Atomic next;
    int value[2];
} *_Atomic list;
static pthread_mutex_t first, second;
static pthread_cond_t changed;
static pthread_rwlock_t rwlock;
static sem_t sem;
static pthread_mutex_t *_Atomic lazy;
static sem_t *_Atomic lazy_sem;

static void set_up(void *unused)
{
    (void)unused;
    plain = 0;
    memset(bytes, 0, sizeof bytes);
    atomic_init(&flag, 0);
    atomic_init(&number, 0);
    atomic_init(&word, 0);
    atomic_init(&shared, NULL);
    atomic_init(&lazy, NULL);
    atomic_init(&lazy_sem, NULL);
    pthread_mutex_init(&first, NULL);
    pthread_mutex_init(&second, NULL);
    pthread_cond_init(&changed, NULL);
    pthread_rwlock_init(&rwlock, NULL);
    sem_init(&sem, 0, 0);
}

static void share_block(void *unused)
{
    set_up(unused);
    int *block = malloc(sizeof *block);
    *block = 7;
    atomic_init(&shared, block);
}

static struct link *make_link(struct link *next)
{
    struct link *l = malloc(sizeof *l);

    l->value[0] = 3;
    l->value[1] = 7;
    atomic_init(&l->next, next);
    return l;
}

static void link_blocks(void *unused)
{
    set_up(unused);
    struct link *last = make_link(NULL);
    atomic_init(&list, make_link(last));
}

/* Races. */
BODY(write_plain, plain++)
BODY(write_low, bytes[0]++)
BODY(write_high, bytes[1]++)
BODY(write_locked, pthread_mutex_lock(&first); plain++; pthread_mutex_unlock(&first))
BODY(write_published, plain = 1; publish(flag, 1))
BODY(write_relaxed, plain = 1; atomic_store_explicit(&flag, 1, memory_order_relaxed))
BODY(read_published, if (acquired(flag)) check_that(plain == 1))
BODY(write_after, publish(flag, 1); plain = 1)
BODY(read_shared, pthread_rwlock_rdlock(&rwlock); check_that(plain >= 0);
     pthread_rwlock_unlock(&rwlock))
BODY(write_exclusive, pthread_rwlock_wrlock(&rwlock); plain++; pthread_rwlock_unlock(&rwlock))
BODY(write_under_read_lock, pthread_rwlock_rdlock(&rwlock); plain++; pthread_rwlock_unlock(&rwlock))
BODY(lose_update, int seen = relaxed(number);
     atomic_store_explicit(&number, seen + 1, memory_order_relaxed))
BODY(two_updates, check_that(relaxed(number) == 2))
BODY(set_flag_then_number, atomic_store_explicit(&number, 1, memory_order_relaxed);
     atomic_store_explicit(&flag, 1, memory_order_relaxed))
BODY(see_number_late, if (relaxed(flag)) check_that(relaxed(number) == 1))
BODY(replace_number, if (!relaxed(flag)) return;
     atomic_store_explicit(&number, 2, memory_order_relaxed); check_that(relaxed(number) == 2))
BODY(read_plain_int, check_that(*(volatile int *)&plain >= 0))

/* Memory. */
BODY(free_shared, free(atomic_exchange(&shared, NULL)))
BODY(free_again, free(acquired(shared)))
BODY(wake_shared, int *p = acquired(shared); if (p) check_futex_wake(p, 1))
BODY(use_shared, int *p = acquired(shared); if (p) check_that(*p == 7))
BODY(leak_block, int *p = malloc(sizeof *p); *p = 1)
BODY(beyond, char *p = malloc(3); p[3] = 1; free(p))
BODY(unwritten, int *p = malloc(sizeof *p); plain = *p; free(p))
BODY(reallocated, int *p = malloc(4); *p = 5; p = realloc(p, 8); check_that(*p == 5); free(p))

BODY(use_last, struct link *l = acquired(acquired(list)->next);
     if (l) check_that(l->value[1] == 7))
BODY(free_last, free(atomic_exchange(&acquired(list)->next, NULL)))

/* Waiting. */
BODY(first_second, pthread_mutex_lock(&first); pthread_mutex_lock(&second);
     pthread_mutex_unlock(&second); pthread_mutex_unlock(&first))
BODY(second_first, pthread_mutex_lock(&second); pthread_mutex_lock(&first);
     pthread_mutex_unlock(&first); pthread_mutex_unlock(&second))
BODY(try_second, pthread_mutex_lock(&second);
     if (pthread_mutex_trylock(&first) == 0) pthread_mutex_unlock(&first);
     pthread_mutex_unlock(&second))
BODY(spin_for_flag, while (!acquired(flag)) sched_yield())
BODY(spin_for_plain, while (!plain) sched_yield())
BODY(set_flag, publish(flag, 1))
BODY(do_nothing, (void)0)
BODY(run_for_ever, while (!relaxed(flag)) plain = 1)
BODY(spin_naively, while (!relaxed(flag)) ;)
BODY(run_plainly, int *p = calloc(2, sizeof *p); publish(shared, p);
     for (unsigned i = 0;; i++) p[i % 2]++)
BODY(run_when_told, while (!acquired(number)) sched_yield(); while (!relaxed(flag)) plain = 1)
BODY(let_run, publish(flag, 0); publish(number, 1))
/* All from one place of the code. */
static __attribute__((noinline)) int read_byte(volatile int i)
{
    return bytes[i];
}

BODY(read_three, int sum = 0; for (int i = 0; i < 3; i++) sum += read_byte(i);
     atomic_store_explicit(&flag, 1 + sum, memory_order_relaxed))
BODY(write_first_byte, while (!relaxed(flag)) sched_yield(); bytes[0] = 1)
BODY(keep_first, pthread_mutex_lock(&first))
BODY(try_to_share, if (pthread_rwlock_tryrdlock(&rwlock) == 0) pthread_rwlock_unlock(&rwlock);
     else check_that(false))
BODY(exclude, pthread_rwlock_wrlock(&rwlock); pthread_rwlock_unlock(&rwlock))
#ifndef __clang__ /* lowers a weak swap to a strong one */
BODY(swap_once, int seen = 0;
     check_that(atomic_compare_exchange_weak(&number, &seen, 1)))
#endif
BODY(give_up, for (int i = 0; i < 50 && !relaxed(flag); i++) sched_yield())
BODY(wait_sem, while (sem_wait(&sem) != 0) ;)
BODY(post_sem, plain = 1; sem_post(&sem))
BODY(wait_sem_read, while (sem_wait(&sem) != 0) ; check_that(plain == 1))
BODY(flag_and_post, atomic_store(&flag, 1); sem_post(&sem))
BODY(wait_sem_once, sem_wait(&sem); check_that(relaxed(flag)))
BODY(try_sem_errno, check_that(sem_trywait(&sem) != 0); atomic_store(&flag, 1);
     check_that(errno == EAGAIN); sem_post(&sem))
BODY(meet_twice, check_meet(); check_meet())
BODY(wait_sem_errno, while (sem_wait(&sem) != 0) check_that(errno == EINTR);
     check_that(relaxed(flag)))
BODY(wait_condition, pthread_mutex_lock(&first);
     while (!relaxed(flag)) pthread_cond_wait(&changed, &first); pthread_mutex_unlock(&first))
BODY(signal_locked, pthread_mutex_lock(&first); publish(flag, 1); pthread_cond_signal(&changed);
     pthread_mutex_unlock(&first))
BODY(signal_unlocked, publish(flag, 1); pthread_cond_signal(&changed))
BODY(sleep_on_word, while (!relaxed(word)) check_futex_wait((void *)&word, 0))
BODY(wake_word, atomic_store(&word, 1); check_futex_wake((void *)&word, 1))
BODY(forget_to_wake, atomic_store(&word, 1))
BODY(wake_word_relaxed, atomic_store_explicit(&word, 1, memory_order_relaxed);
     check_futex_wake((void *)&word, 1))
BODY(set_word_and_flag, atomic_store_explicit(&word, 1, memory_order_relaxed); publish(flag, 1))
BODY(wake_when_flag, while (!acquired(flag)) sched_yield(); check_futex_wake((void *)&word, 1))
BODY(wake_when_flag_relaxed, while (!relaxed(flag)) sched_yield();
     check_futex_wake((void *)&word, 1))

/* Misuse. */
BODY(unlock_others, pthread_mutex_unlock(&first))
BODY(lock_first, pthread_mutex_lock(&first))
BODY(destroy_held, pthread_mutex_lock(&first); pthread_mutex_destroy(&first))

/* Objects that are made late, or destroyed early. */
BODY(make_relaxed, pthread_mutex_t *m = malloc(sizeof *m); pthread_mutex_init(m, NULL);
     atomic_store_explicit(&lazy, m, memory_order_relaxed))
BODY(make_released, pthread_mutex_t *m = malloc(sizeof *m); pthread_mutex_init(m, NULL);
     publish(lazy, m))
BODY(make_sem_relaxed, sem_t *s = malloc(sizeof *s); sem_init(s, 0, 1);
     atomic_store_explicit(&lazy_sem, s, memory_order_relaxed))
BODY(take_lazy, pthread_mutex_t *m = acquired(lazy);
     if (m) { pthread_mutex_lock(m); pthread_mutex_unlock(m); })
BODY(post_lazy, sem_t *s = acquired(lazy_sem); if (s) sem_post(s))
BODY(lock_unmade, pthread_mutex_t *m = malloc(sizeof *m); pthread_mutex_lock(m);
     pthread_mutex_unlock(m); free(m))
BODY(lock_and_tell, pthread_mutex_lock(&first); pthread_mutex_unlock(&first);
     atomic_store_explicit(&flag, 1, memory_order_relaxed))
BODY(destroy_when_told, while (!acquired(flag)) sched_yield(); pthread_mutex_destroy(&first))
BODY(take_and_destroy, while (!acquired(flag)) sched_yield(); pthread_mutex_lock(&first);
     pthread_mutex_unlock(&first); pthread_mutex_destroy(&first))

/* RCU. */
BODY(rcu_use, check_rcu_register(); check_rcu_read_lock(); int *p = acquired(shared);
     if (p) check_that(*p == 7); check_rcu_read_unlock(); check_rcu_unregister())
BODY(rcu_use_outside, int *p = acquired(shared); if (p) check_that(*p == 7))
BODY(rcu_free, int *p = atomic_exchange(&shared, NULL); check_rcu_synchronize(); free(p))
BODY(rcu_use_after, check_rcu_register(); check_rcu_read_lock(); int *p = acquired(shared);
     check_rcu_read_unlock(); if (p) check_that(*p == 7); check_rcu_unregister())
BODY(rcu_use_atomically_after, check_rcu_register(); check_rcu_read_lock();
     int *p = acquired(shared); check_rcu_read_unlock();
     if (p) check_that(relaxed(*(_Atomic int *)p) == 7); check_rcu_unregister())
BODY(rcu_look_before, check_rcu_register(); int *p = acquired(shared); check_rcu_read_lock();
     if (p) check_that(*p == 7); check_rcu_read_unlock(); check_rcu_unregister())
BODY(rcu_use_in_next, check_rcu_register(); check_rcu_read_lock(); int *p = acquired(shared);
     check_rcu_read_unlock(); check_rcu_read_lock(); if (p) check_that(*p == 7);
     check_rcu_read_unlock(); check_rcu_unregister())
BODY(rcu_use_nested, check_rcu_register(); check_rcu_read_lock(); check_rcu_read_lock();
     int *p = acquired(shared); check_rcu_read_unlock(); if (p) check_that(*p == 7);
     check_rcu_read_unlock(); check_rcu_unregister())
BODY(rwlock_use, pthread_rwlock_rdlock(&rwlock); int *p = acquired(shared);
     if (p) check_that(*p == 7); pthread_rwlock_unlock(&rwlock))
BODY(locked_use, pthread_mutex_lock(&first); int *p = acquired(shared);
     if (p) check_that(*p == 7); pthread_mutex_unlock(&first))
BODY(rcu_free_locked, pthread_mutex_lock(&first); int *p = atomic_exchange(&shared, NULL);
     pthread_mutex_unlock(&first); check_rcu_synchronize(); free(p))

static void free_head(struct rcu_head *head)
{
    free(head);
}

BODY(rcu_defer, int *p = atomic_exchange(&shared, NULL);
     check_rcu_call((struct rcu_head *)p, free_head))
BODY(rcu_defer_and_wait, int *p = atomic_exchange(&shared, NULL);
     check_rcu_call((struct rcu_head *)p, free_head); check_rcu_barrier())
BODY(rcu_defer_too_early, int *p = acquired(shared);
     check_rcu_call((struct rcu_head *)p, free_head); atomic_store(&shared, NULL))
BODY(rcu_defer_inside, check_rcu_register(); check_rcu_read_lock();
     int *p = atomic_exchange(&shared, NULL); check_rcu_call((struct rcu_head *)p, free_head);
     check_that(*p == 7); check_rcu_read_unlock(); check_rcu_unregister())
BODY(rcu_defer_and_tell, plain = 1; int *p = atomic_exchange(&shared, NULL);
     check_rcu_call((struct rcu_head *)p, free_head);
     atomic_store_explicit(&flag, 1, memory_order_relaxed))
BODY(rcu_wait_and_tell, plain = 1; check_rcu_synchronize();
     atomic_store_explicit(&flag, 1, memory_order_relaxed))
BODY(rcu_read_when_told, check_rcu_register(); while (!relaxed(flag)) sched_yield();
     check_rcu_read_lock(); check_that(plain == 1); check_rcu_read_unlock(); check_rcu_unregister())
/* In each schedule the grace period waits for the first reader, and that one for the second. */
BODY(rcu_write_when_seen, while (!relaxed(number)) sched_yield(); check_rcu_synchronize();
     plain = 1)
BODY(rcu_wait_inside, check_rcu_register(); check_rcu_read_lock(); atomic_store(&number, 1);
     while (!relaxed(flag)) sched_yield(); check_rcu_read_unlock(); check_rcu_unregister())
BODY(rcu_wait_inside_acquiring, check_rcu_register(); check_rcu_read_lock();
     atomic_store(&number, 1); while (!acquired(flag)) sched_yield(); check_rcu_read_unlock();
     check_rcu_unregister())
BODY(rcu_read_late, check_rcu_register(); check_rcu_read_lock(); check_that(plain == 0);
     check_rcu_read_unlock(); publish(flag, 1); check_rcu_unregister())
BODY(rcu_defer_between, atomic_store_explicit(&flag, 1, memory_order_relaxed);
     int *p = atomic_exchange_explicit(&shared, NULL, memory_order_relaxed);
     check_rcu_call((struct rcu_head *)p, free_head); bytes[0] = !relaxed(number))
BODY(fence_between, atomic_store_explicit(&number, 1, memory_order_relaxed);
     atomic_thread_fence(memory_order_seq_cst); bytes[1] = !relaxed(flag))
BODY(one_saw_the_other, check_that(!(bytes[0] && bytes[1])))
BODY(rcu_leave_inside, check_rcu_register(); check_rcu_read_lock(); check_rcu_unregister();
     check_rcu_read_unlock())
BODY(rcu_inside, check_rcu_register(); check_rcu_read_lock(); check_rcu_synchronize();
     check_rcu_read_unlock())
BODY(rcu_block, check_rcu_register(); check_rcu_read_lock(); sem_wait(&sem);
     check_rcu_read_unlock())
BODY(rcu_stay, check_rcu_register(); check_rcu_read_lock(); check_rcu_read_unlock())
BODY(rcu_stranger, check_rcu_read_lock(); check_rcu_read_unlock())

/* One bug that chance finds, and one of a single switch that a search finds late. */
bool slow_bugs;

BODY(store_for_both, for (int i = 1; i <= 3; i++) atomic_store(&number, i);
     for (int i = 0; i < 1500; i++) atomic_store(&flag, i == 300))
BODY(meet_either, if (slow_bugs) (nanosleep)(&(struct timespec){ .tv_nsec = 3000000 }, NULL);
     int one = relaxed(number), two = relaxed(number), three = relaxed(number);
     check_that(!(one == 1 && two == 2 && three == 3)); check_that(!relaxed(flag)))

const struct check_test two_bugs = { .name = "two bugs", .setup = set_up,
                                     .threads = { store_for_both, meet_either } };

/* ---- a thread that the code under test starts ---- */

static pthread_t helper;

/* Does its work when it is asked; then it waits until it is told to end. */
static void *help(void *unused)
{
    while (atomic_load_explicit(&flag, memory_order_acquire) == 0)
        sched_yield();
    plain++;
    atomic_store_explicit(&number, 1, memory_order_release);
    while (atomic_load_explicit(&flag, memory_order_acquire) != 2)
        sched_yield();
    return unused;
}

static void start_helper(void *unused)
{
    set_up(unused);
    check_that(pthread_create(&helper, NULL, help, NULL) == 0);
}

BODY(ask_helper, publish(flag, 1); while (!acquired(number)) sched_yield(); check_that(plain == 1))
BODY(ask_and_look, publish(flag, 1); plain++)

static void start_and_ask_helper(void *unused)
{
    start_helper(unused);
    ask_helper(unused);
}

static void end_helper(void *unused)
{
    (void)unused;
    atomic_store_explicit(&flag, 2, memory_order_release);
    pthread_join(helper, NULL);
}

static void ask_and_end_helper(void *unused)
{
    ask_helper(unused);
    end_helper(unused);
}

BODY(join_helper, pthread_join(helper, NULL))

static void start_and_end_helper(void *unused)
{
    (void)unused;
    check_that(pthread_create(&helper, NULL, help, NULL) == 0);
    ask_and_end_helper(NULL);
}

/* A thread of the code's own, weak memory: set up, threads, end. */
#define HELPED(title, says, start, end, ...)                                                  \
    CASE(title, says, CHECK_WEAK, CHECK_QUARANTINE, start, end, __VA_ARGS__)

#define BLOCK(title, says, ...)                                                               \
    CASE(title, says, CHECK_SC, CHECK_QUARANTINE, share_block, NULL, __VA_ARGS__)
#define COUNT(title, says, ...)                                                               \
    CASE(title, says, CHECK_SC, CHECK_QUARANTINE, set_up, two_updates, __VA_ARGS__)

const struct fault faults[] = {
    SC("two plain writes", CHECK_RACE, write_plain, write_plain),
    SC("two plain writes under a mutex", CHECK_PASSED, write_locked, write_locked),
    SC("neighbouring bytes", CHECK_PASSED, write_low, write_high),
    SC("one byte", CHECK_RACE, write_low, write_low),
    SC("published with release", CHECK_PASSED, write_published, read_published),
    WEAK("published with release, weak", CHECK_PASSED, write_published, read_published),
    SC("published relaxed", CHECK_RACE, write_relaxed, read_published),
    SC("written after it was published", CHECK_RACE, write_after, read_published),
    SC("volatile is not atomic", CHECK_RACE, write_plain, read_plain_int),
    SC("readers and a writer of a read-write lock", CHECK_PASSED, read_shared, read_shared,
       write_exclusive),
    SC("a write under a shared lock", CHECK_RACE, write_under_read_lock, write_under_read_lock),
    WEAK("a stale value of the setup", CHECK_ASSERTION, set_flag_then_number, see_number_late),
    WEAK("a store below the one that it replaces", CHECK_ASSERTION, set_flag_then_number,
         replace_number),
    COUNT("an update is lost", CHECK_ASSERTION, lose_update, lose_update),

    BLOCK("freed while used", CHECK_USE_AFTER_FREE, free_shared, use_shared),
    CASE("a linked block, freed while used", CHECK_USE_AFTER_FREE, CHECK_SC, CHECK_QUARANTINE,
         link_blocks, NULL, free_last, use_last),
    BLOCK("woken when freed", CHECK_PASSED, free_shared, wake_shared),
    BLOCK("freed twice", CHECK_BAD_FREE, free_again, free_again),
    BLOCK("freed once", CHECK_PASSED, free_shared, free_shared),
    SC("never freed", CHECK_LEAK, leak_block),
    SC("one byte too far", CHECK_OUT_OF_BOUNDS, beyond),
    SC("read before it was written", CHECK_UNINITIALISED, unwritten),
    SC("moved by realloc", CHECK_PASSED, reallocated),

    SC("two locks in two orders", CHECK_DEADLOCK, first_second, second_first),
    SC("two locks in one order", CHECK_PASSED, first_second, first_second),
    SC("a try instead of a lock", CHECK_PASSED, first_second, try_second),
    SC("spins for a store that never comes", CHECK_LIVELOCK, spin_for_flag, do_nothing),
    WEAK("spins for a store that comes", CHECK_PASSED, spin_for_flag, set_flag),
    SC("spins for what is not atomic", CHECK_RACE, spin_for_plain, write_plain),
    SC("meet twice", CHECK_PASSED, meet_twice, meet_twice, meet_twice),
    SC("gives up after some turns", CHECK_PASSED, give_up, do_nothing),
    SC("never rests", CHECK_TOO_LONG, run_for_ever, do_nothing),
    SC("never rests and has no atomic access", CHECK_TOO_LONG, run_plainly, do_nothing),
    SC("never rests, once it may begin", CHECK_TOO_LONG, run_when_told, let_run),
    SC("a naive spinner", CHECK_LIVELOCK, spin_naively, do_nothing),
    SC("a naive spinner that is told", CHECK_PASSED, spin_naively, set_flag),
    SC("one of three bytes is written", CHECK_RACE, read_three, write_first_byte),
    CASE("a lock that its thread keeps", CHECK_DEADLOCK, CHECK_SC, CHECK_QUARANTINE, set_up,
         first_second, keep_first),
    SC("a try beside a writer", CHECK_ASSERTION, exclude, try_to_share),
#ifndef __clang__
    SC("a weak swap tried once", CHECK_ASSERTION, swap_once, do_nothing),
#endif
    SC("a semaphore that is never posted", CHECK_DEADLOCK, wait_sem, do_nothing),
    SC("a post orders", CHECK_PASSED, post_sem, wait_sem_read),
    SC("a signal ends a wait", CHECK_ASSERTION, flag_and_post, wait_sem_once),
    SC("a signal ends a wait, and says so", CHECK_PASSED, flag_and_post, wait_sem_errno),
    SC("each has its own errno", CHECK_PASSED, try_sem_errno, wait_sem),
    SC("a condition signalled under its mutex", CHECK_PASSED, wait_condition, signal_locked),
    SC("a condition signalled without it", CHECK_DEADLOCK, wait_condition, signal_unlocked),
    WEAK("a futex", CHECK_PASSED, sleep_on_word, wake_word),
    WEAK("a futex sees what its waker stored", CHECK_PASSED, sleep_on_word, wake_word_relaxed),
    WEAK("a futex sees what its waker knew", CHECK_PASSED, sleep_on_word, wake_when_flag,
         set_word_and_flag),
    WEAK("a futex whose waker knew of nothing", CHECK_DEADLOCK, sleep_on_word,
         wake_when_flag_relaxed, set_word_and_flag),
    SC("a futex that is never woken", CHECK_DEADLOCK, sleep_on_word, forget_to_wake),

    HELPED("a thread of its own", CHECK_PASSED, start_helper, end_helper, ask_helper),
    HELPED("a thread that serves the setup", CHECK_PASSED, start_and_ask_helper, end_helper,
           do_nothing),
    HELPED("a thread that serves the final check", CHECK_PASSED, start_helper, ask_and_end_helper,
           do_nothing),
    HELPED("a thread within a thread", CHECK_PASSED, set_up, NULL, start_and_end_helper),
    HELPED("a thread of its own that is raced with", CHECK_RACE, start_helper, end_helper,
           ask_and_look),
    HELPED("a thread of its own that nobody joins", CHECK_MISUSE, start_helper, NULL, ask_helper),
    HELPED("a thread of its own that is not told to end", CHECK_DEADLOCK, start_helper, join_helper,
           ask_helper),

    SC("unlocked by a stranger", CHECK_MISUSE, lock_first, unlock_others),
    SC("destroyed while held", CHECK_MISUSE, destroy_held),
    SC("a lock published relaxed", CHECK_RACE, make_relaxed, take_lazy),
    SC("a lock published with release", CHECK_PASSED, make_released, take_lazy),
    SC("a semaphore published relaxed", CHECK_RACE, make_sem_relaxed, post_lazy),
    SC("a lock that was never initialised", CHECK_UNINITIALISED, lock_unmade),
    SC("destroyed after its use, relaxed", CHECK_RACE, lock_and_tell, destroy_when_told),
    SC("destroyed after its last use", CHECK_PASSED, lock_and_tell, take_and_destroy),
    BLOCK("freed after a grace period", CHECK_PASSED, rcu_use, rcu_free),
    BLOCK("read outside a section", CHECK_USE_AFTER_FREE, rcu_use_outside, rcu_free),
    BLOCK("freed without a grace period", CHECK_USE_AFTER_FREE, rcu_use, free_shared),
    BLOCK("used after the section", CHECK_USE_AFTER_FREE, rcu_use_after, rcu_free),
    BLOCK("used atomically after the section", CHECK_USE_AFTER_FREE, rcu_use_atomically_after,
          rcu_free),
    BLOCK("looked up before the section", CHECK_USE_AFTER_FREE, rcu_look_before, rcu_free),
    BLOCK("used in the next section", CHECK_USE_AFTER_FREE, rcu_use_in_next, rcu_free),
    BLOCK("used in the outer section", CHECK_PASSED, rcu_use_nested, rcu_free),
    BLOCK("used in a section of another kind", CHECK_USE_AFTER_FREE, rwlock_use, rcu_free),
    BLOCK("used under the updater's lock", CHECK_PASSED, locked_use, rcu_free_locked),
    BLOCK("freed by a callback", CHECK_PASSED, rcu_use, rcu_defer),
    BLOCK("freed by a callback that is waited for", CHECK_PASSED, rcu_use, rcu_defer_and_wait),
    BLOCK("freed by a callback that was deferred in a section", CHECK_PASSED, rcu_use,
          rcu_defer_inside),
    BLOCK("used after the section, freed by a callback", CHECK_USE_AFTER_FREE, rcu_use_after,
          rcu_defer),
    BLOCK("used in the next section, freed by a callback", CHECK_USE_AFTER_FREE, rcu_use_in_next,
          rcu_defer_and_wait),
    BLOCK("read outside, freed by a callback", CHECK_USE_AFTER_FREE, rcu_use_outside, rcu_defer),
    BLOCK("deferred before it was removed", CHECK_USE_AFTER_FREE, rcu_use, rcu_defer_too_early),
    CASE("freed by a callback, weak", CHECK_PASSED, CHECK_WEAK, CHECK_QUARANTINE, share_block, NULL,
         rcu_use, rcu_defer),
    CASE("used after the section, weak", CHECK_USE_AFTER_FREE, CHECK_WEAK, CHECK_QUARANTINE,
         share_block, NULL, rcu_use_after, rcu_defer),
    BLOCK("told after a grace period, relaxed", CHECK_PASSED, rcu_wait_and_tell, rcu_read_when_told),
    BLOCK("told while a callback is deferred, relaxed", CHECK_RACE, rcu_defer_and_tell,
          rcu_read_when_told),
    SC("a section that began later, relaxed", CHECK_RACE, rcu_write_when_seen, rcu_wait_inside,
       rcu_read_late),
    SC("a section that began later, acquired", CHECK_PASSED, rcu_write_when_seen,
       rcu_wait_inside_acquiring, rcu_read_late),
    CASE("a deferral is no fence", CHECK_ASSERTION, CHECK_WEAK, CHECK_QUARANTINE, share_block,
         one_saw_the_other, rcu_defer_between, fence_between),
    SC("leaves RCU inside a section", CHECK_MISUSE, rcu_leave_inside),
    SC("a grace period inside a section", CHECK_MISUSE, rcu_inside),
    SC("sleeps inside a section", CHECK_MISUSE, rcu_block),
    SC("ends without leaving RCU", CHECK_MISUSE, rcu_stay, do_nothing),
    SC("a section without registration", CHECK_MISUSE, rcu_stranger),
    { { .name = NULL }, CHECK_PASSED, CHECK_SC, CHECK_QUARANTINE },
};
