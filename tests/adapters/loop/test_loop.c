#include <dirent.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/driven/clock/clock.h"
#include "adapters/driven/loop/loop.h"
#include "adapters/driven/loop/pool.h"
#include "adapters/driven/random/random.h"

/* A job that waits for its gate, if it has one, and remembers what it saw. */
struct probe {
    struct loop *loop;
    sem_t *gate;
    sem_t started;
    pthread_t worker;
    bool on_worker, done_on_loop, signals_blocked;
    unsigned *order; /* counts done jobs */
    unsigned place;  /* this one's, 0: not done */
    unsigned stop_after;
};

static void probe_work(void *arg)
{
    struct probe *p = arg;
    sigset_t blocked;
    p->worker = pthread_self();
    p->on_worker = loop_is_worker_thread() && !loop_is_loop_thread(p->loop);
    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    p->signals_blocked = sigismember(&blocked, SIGTERM) && sigismember(&blocked, SIGINT) &&
                         sigismember(&blocked, SIGHUP) && sigismember(&blocked, SIGCHLD);
    sem_post(&p->started);
    if (p->gate)
        sem_wait(p->gate);
}

static void probe_done(void *arg)
{
    struct probe *p = arg;
    p->done_on_loop = loop_is_loop_thread(p->loop) && !loop_is_worker_thread();
    p->place = ++*p->order;
    if (p->place == p->stop_after)
        loop_stop(p->loop);
}

static void probe_init(struct probe *p, struct loop *loop, sem_t *gate, unsigned *order,
                       unsigned stop_after)
{
    *p = (struct probe){.loop = loop, .gate = gate, .order = order, .stop_after = stop_after};
    sem_init(&p->started, 0, 0);
}

static int submit(struct loop *loop, struct probe *p, struct error *err)
{
    const struct executor_port *executor = loop_executor(loop);
    return executor->submit(executor->ctx, probe_work, probe_done, p, err);
}

static struct loop *new_loop(unsigned workers)
{
    struct loop *loop;
    struct error err;
    assert_int_equal(loop_new(workers, &loop, &err), ST_OK);
    return loop;
}

static void end(struct loop *loop)
{
    assert_true(loop_end_workers(loop));
    loop_free(loop);
}

static void test_jobs_run_on_workers_and_end_on_the_loop(void **state)
{
    (void)state;
    struct loop *loop = new_loop(3);
    struct probe probes[100];
    struct error err;
    unsigned order = 0;
    assert_true(loop_is_loop_thread(loop));
    assert_false(loop_is_worker_thread());
    for (size_t i = 0; i < 100; i++) {
        probe_init(&probes[i], loop, NULL, &order, 100);
        assert_int_equal(submit(loop, &probes[i], &err), ST_OK);
    }
    loop_run(loop);
    assert_int_equal(order, 100);
    for (size_t i = 0; i < 100; i++) {
        assert_true(probes[i].on_worker);
        assert_true(probes[i].signals_blocked);
        assert_true(probes[i].done_on_loop);
    }
    end(loop);
}

static void test_one_worker_keeps_the_order(void **state)
{
    (void)state;
    struct loop *loop = new_loop(1);
    struct probe probes[50];
    struct error err;
    unsigned order = 0;
    for (size_t i = 0; i < 50; i++) {
        probe_init(&probes[i], loop, NULL, &order, 50);
        assert_int_equal(submit(loop, &probes[i], &err), ST_OK);
    }
    loop_run(loop);
    for (size_t i = 0; i < 50; i++) {
        assert_int_equal(probes[i].place, i + 1);
        assert_true(pthread_equal(probes[i].worker, probes[0].worker));
    }
    end(loop);
}

static unsigned threads_of_process(void)
{
    unsigned count = 0;
    DIR *tasks = opendir("/proc/self/task");
    assert_non_null(tasks);
    for (struct dirent *entry; (entry = readdir(tasks));)
        count += entry->d_name[0] != '.';
    closedir(tasks);
    return count;
}

/* Workers of an earlier test have left their pool, but the kernel may still count them. */
static unsigned threads_that_stay(void)
{
    unsigned least = threads_of_process();
    for (int quiet = 0; quiet < 50; quiet++) {
        unsigned now = threads_of_process();
        if (now < least)
            quiet = 0;
        least = now < least ? now : least;
        usleep(1000);
    }
    return least;
}

/* Threads are started for jobs that nobody else takes, up to the limit, and stay. */
static void test_threads_are_started_on_demand(void **state)
{
    (void)state;
    unsigned before = threads_that_stay();
    struct loop *loop = new_loop(3);
    struct probe probes[5];
    struct error err;
    sem_t gate;
    unsigned order = 0;
    sem_init(&gate, 0, 0);
    assert_int_equal(threads_of_process(), before);
    for (unsigned i = 0; i < 5; i++) {
        probe_init(&probes[i], loop, &gate, &order, 5);
        assert_int_equal(submit(loop, &probes[i], &err), ST_OK);
        assert_int_equal(threads_of_process(), before + (i < 3 ? i + 1 : 3));
    }
    for (unsigned i = 0; i < 5; i++)
        sem_post(&gate);
    loop_run(loop);
    assert_int_equal(threads_of_process(), before + 3);
    end(loop);
}

static void test_queue_is_bounded(void **state)
{
    (void)state;
    struct loop *loop = new_loop(1);
    struct probe *probes = calloc(POOL_QUEUE_MAX + 2, sizeof(*probes));
    struct error err;
    sem_t gate;
    unsigned order = 0;
    sem_init(&gate, 0, 0);
    probe_init(&probes[0], loop, &gate, &order, 0);
    assert_int_equal(submit(loop, &probes[0], &err), ST_OK);
    sem_wait(&probes[0].started);
    for (size_t i = 1; i <= POOL_QUEUE_MAX; i++) {
        probe_init(&probes[i], loop, NULL, &order, POOL_QUEUE_MAX + 1);
        assert_int_equal(submit(loop, &probes[i], &err), ST_OK);
    }
    struct probe *refused = &probes[POOL_QUEUE_MAX + 1];
    probe_init(refused, loop, NULL, &order, 0);
    assert_int_equal(submit(loop, refused, &err), ST_BUSY);
    assert_int_equal(err.code, ST_BUSY);
    assert_string_equal(err.text,
                        "all workers are busy and 4096 jobs wait; try again later");
    sem_post(&gate);
    loop_run(loop);
    assert_int_equal(order, POOL_QUEUE_MAX + 1);
    assert_int_equal(refused->place, 0);
    end(loop);
    free(probes);
}

static void mark_lost(struct loop *loop, struct probe *p)
{
    const struct lost_worker_port *port = loop_lost_worker(loop);
    port->mark_lost(port->ctx, p);
}

/* A job that hangs is written off: the next one gets a thread, and when it does come back, its done
 * is called and its thread ends. */
static void test_lost_worker_is_replaced(void **state)
{
    (void)state;
    struct loop *loop = new_loop(1);
    struct probe stuck, next, last;
    struct error err;
    sem_t gate;
    unsigned order = 0;
    sem_init(&gate, 0, 0);
    probe_init(&stuck, loop, &gate, &order, 2);
    probe_init(&next, loop, NULL, &order, 1);
    probe_init(&last, loop, NULL, &order, 3);
    assert_int_equal(submit(loop, &stuck, &err), ST_OK);
    sem_wait(&stuck.started);
    assert_int_equal(submit(loop, &next, &err), ST_OK);
    mark_lost(loop, &stuck);
    mark_lost(loop, &stuck); /* twice is once */
    loop_run(loop);
    assert_int_equal(next.place, 1);
    assert_false(pthread_equal(next.worker, stuck.worker));
    sem_post(&gate);
    loop_run(loop);
    assert_int_equal(stuck.place, 2);
    assert_true(stuck.done_on_loop);
    assert_int_equal(submit(loop, &last, &err), ST_OK);
    loop_run(loop);
    assert_int_equal(last.place, 3);
    assert_true(pthread_equal(last.worker, next.worker));
    mark_lost(loop, &last); /* is not running: ignored */
    end(loop);
}

/* Replacements end somewhere: then jobs wait until a lost worker comes back. */
static void test_replacements_are_capped(void **state)
{
    (void)state;
    unsigned before = threads_that_stay();
    struct loop *loop = new_loop(1);
    struct probe *stuck = calloc(POOL_LOST_MAX + 1, sizeof(*stuck));
    struct probe waiting;
    struct error err;
    sem_t gate;
    unsigned order = 0;
    sem_init(&gate, 0, 0);
    for (size_t i = 0; i <= POOL_LOST_MAX; i++) {
        probe_init(&stuck[i], loop, &gate, &order, 0);
        assert_int_equal(submit(loop, &stuck[i], &err), ST_OK);
        sem_wait(&stuck[i].started);
        mark_lost(loop, &stuck[i]);
    }
    probe_init(&waiting, loop, NULL, &order, POOL_LOST_MAX + 2);
    assert_int_equal(submit(loop, &waiting, &err), ST_OK);
    assert_int_equal(threads_of_process(), before + POOL_LOST_MAX + 1);
    for (size_t i = 0; i <= POOL_LOST_MAX; i++) {
        stuck[i].stop_after = POOL_LOST_MAX + 2;
        sem_post(&gate);
    }
    loop_run(loop);
    assert_int_equal(order, POOL_LOST_MAX + 2);
    end(loop);
    free(stuck);
}

#define LOST_WORKER "end-with-a-lost-worker"

static int end_with_a_lost_worker(void)
{
    struct probe stuck;
    struct loop *loop;
    struct error err;
    sem_t gate;
    unsigned order = 0;
    sem_init(&gate, 0, 0);
    if (loop_new(2, &loop, &err))
        return 2;
    probe_init(&stuck, loop, &gate, &order, 0);
    if (submit(loop, &stuck, &err))
        return 3;
    sem_wait(&stuck.started);
    mark_lost(loop, &stuck);
    return loop_end_workers(loop) || loop_end_workers(loop) ? 1 : 0;
}

/* Nobody waits for a thread that does not come back: loop_end_workers says so, and then only _exit
 * is safe. */
static void test_end_does_not_wait_for_lost_workers(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        execl("/proc/self/exe", "test_loop", LOST_WORKER, (char *)NULL);
        _exit(99);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- posts ---- */

#define POSTERS 4
#define POSTS 2000

struct poster {
    struct loop *loop;
    unsigned next;   /* the number that the loop expects of this thread */
    unsigned *total; /* of all threads; the last one stops the loop */
    bool in_order;
};

struct post {
    struct poster *from;
    unsigned number;
};

static void on_post(void *arg)
{
    struct post *post = arg;
    struct poster *from = post->from;
    bool as_expected = post->number == from->next && loop_is_loop_thread(from->loop);
    from->in_order = from->in_order && as_expected;
    from->next++;
    free(post);
    if (++*from->total == POSTERS * POSTS)
        loop_stop(from->loop);
}

static void *post_many(void *arg)
{
    struct poster *p = arg;
    struct error err;
    for (unsigned i = 0; i < POSTS; i++) {
        struct post *post = malloc(sizeof(*post));
        *post = (struct post){.from = p, .number = i};
        if (loop_post(p->loop, on_post, post, &err))
            abort();
    }
    return NULL;
}

static void test_posts_from_many_threads(void **state)
{
    (void)state;
    struct loop *loop = new_loop(1);
    struct poster posters[POSTERS];
    pthread_t threads[POSTERS];
    unsigned total = 0;
    for (size_t i = 0; i < POSTERS; i++) {
        posters[i] = (struct poster){.loop = loop, .total = &total, .in_order = true};
        pthread_create(&threads[i], NULL, post_many, &posters[i]);
    }
    loop_run(loop);
    for (size_t i = 0; i < POSTERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(posters[i].next, POSTS);
        assert_true(posters[i].in_order);
    }
    end(loop);
}

/* ---- timers ---- */

struct ticking {
    struct loop *loop;
    const struct timer_port *port;
    struct timer *timer;
    unsigned fired, stop_after;
};

static void on_tick(void *arg)
{
    struct ticking *t = arg;
    if (++t->fired == t->stop_after)
        loop_stop(t->loop);
    else
        t->port->set(t->port->ctx, t->timer, 0);
}

static struct ticking ticking(struct loop *loop, unsigned stop_after)
{
    return (struct ticking){.loop = loop, .port = loop_timers(loop), .stop_after = stop_after};
}

static void test_timers(void **state)
{
    (void)state;
    struct loop *loop = new_loop(1);
    struct ticking again = ticking(loop, 3), stopped = ticking(loop, 1), moved = ticking(loop, 1);
    const struct timer_port *port = loop_timers(loop);
    uint64_t start = system_clock_port()->monotonic_ns(NULL);
    again.timer = port->create(port->ctx, on_tick, &again);
    stopped.timer = port->create(port->ctx, on_tick, &stopped);
    moved.timer = port->create(port->ctx, on_tick, &moved);
    port->set(port->ctx, stopped.timer, 1);
    port->stop(port->ctx, stopped.timer);
    port->set(port->ctx, moved.timer, 1);
    port->set(port->ctx, moved.timer, 3600000); /* replaces the first */
    port->set(port->ctx, again.timer, 20);
    loop_run(loop);
    assert_int_equal(again.fired, 3);
    assert_int_equal(stopped.fired, 0);
    assert_int_equal(moved.fired, 0);
    assert_true(system_clock_port()->monotonic_ns(NULL) - start >= 19000000);
    port->free(port->ctx, again.timer);
    port->free(port->ctx, stopped.timer);
    port->free(port->ctx, moved.timer);
    port->free(port->ctx, NULL);
    end(loop);
}

static void note_fired(void *arg)
{
    *(bool *)arg = true;
}

/* What ran out before the turn is what the turn was for: it does not wait for more. */
static void test_turn_ends_with_a_timer(void **state)
{
    struct loop *loop;
    bool fired = false;
    (void)state;
    assert_int_equal(loop_new(1, &loop, NULL), ST_OK);
    const struct timer_port *timers = loop_timers(loop);
    struct timer *timer = timers->create(timers->ctx, note_fired, &fired);
    timers->set(timers->ctx, timer, 0);
    while (!fired)
        loop_turn(loop);
    timers->free(timers->ctx, timer);
    loop_end_workers(loop);
    loop_free(loop);
}


/* Workers end first: who has timers is freed between them and the loop. */
static void test_end_of_workers(void **state)
{
    (void)state;
    struct loop *loop = new_loop(1);
    struct probe p;
    struct error err;
    unsigned order = 0;
    struct ticking t = ticking(loop, 2);
    t.timer = t.port->create(t.port->ctx, on_tick, &t);
    probe_init(&p, loop, NULL, &order, 1);
    assert_int_equal(submit(loop, &p, &err), ST_OK);
    loop_run(loop);
    assert_true(loop_end_workers(loop));
    assert_true(loop_end_workers(loop));
    assert_int_equal(submit(loop, &p, &err), ST_UNAVAILABLE);
    assert_string_equal(err.text, "the workers have ended");
    t.port->set(t.port->ctx, t.timer, 0);
    loop_run(loop);
    assert_int_equal(t.fired, 2);
    t.port->free(t.port->ctx, t.timer);
    end(loop);
}

static void test_free_of_nothing(void **state)
{
    (void)state;
    assert_true(loop_end_workers(NULL));
    loop_free(NULL);
}

/* ---- clock and random ---- */

static void test_clock(void **state)
{
    (void)state;
    const struct clock_port *clock = system_clock_port();
    uint64_t before = clock->monotonic_ns(clock->ctx);
    assert_true(clock->monotonic_ns(clock->ctx) >= before);
    assert_true(clock->wall_ms(clock->ctx) > 1700000000000);
}

static void test_random(void **state)
{
    (void)state;
    const struct random_port *random = system_random_port();
    struct error err;
    unsigned char a[1001] = {0}, b[1001] = {0};
    assert_int_equal(random->fill(random->ctx, a, 1000, &err), ST_OK);
    assert_int_equal(random->fill(random->ctx, b, 1000, &err), ST_OK);
    assert_memory_not_equal(a, b, 1000);
    assert_int_equal(a[1000] | b[1000], 0);
    assert_int_equal(random->fill(random->ctx, a, 0, &err), ST_OK);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], LOST_WORKER) == 0)
        _exit(end_with_a_lost_worker());
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jobs_run_on_workers_and_end_on_the_loop),
        cmocka_unit_test(test_one_worker_keeps_the_order),
        cmocka_unit_test(test_threads_are_started_on_demand),
        cmocka_unit_test(test_queue_is_bounded),
        cmocka_unit_test(test_lost_worker_is_replaced),
        cmocka_unit_test(test_replacements_are_capped),
        cmocka_unit_test(test_end_does_not_wait_for_lost_workers),
        cmocka_unit_test(test_posts_from_many_threads),
        cmocka_unit_test(test_timers),
        cmocka_unit_test(test_turn_ends_with_a_timer),
        cmocka_unit_test(test_end_of_workers),
        cmocka_unit_test(test_free_of_nothing),
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_random),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
