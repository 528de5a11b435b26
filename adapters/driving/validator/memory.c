/* Checks 34 and 35: no memory, and sanitizers. */
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driving/validator/alloc_fail.h"
#include "adapters/driving/validator/checks_calls.h"
#include "adapters/driving/validator/guest.h"
#include "adapters/driving/validator/rerun.h"

#define FAILURES_MAX 400
#define RUNTIME_SIZE 64

struct injector {
    struct trial *t;
    alloc_fail_fn fail;
    alloc_seen_fn seen;
    const void *code; /* somewhere in the plugin */
    uintptr_t begin, end;
};

static int find_range(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct injector *in = arg;
    uintptr_t at = (uintptr_t)in->code;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        uintptr_t begin = info->dlpi_addr + p->p_vaddr;
        if (p->p_type == PT_LOAD && at >= begin && at < begin + p->p_memsz) {
            in->begin = begin;
            in->end = begin + p->p_memsz;
            return 1;
        }
    }
    return 0;
}

static bool find_injector(struct injector *in, const struct guest *g)
{
    void *fail = dlsym(RTLD_DEFAULT, "hexmcp_alloc_fail");
    void *seen = dlsym(RTLD_DEFAULT, "hexmcp_alloc_seen");
    *in = (struct injector){.t = g->t};
    memcpy(&in->fail, &fail, sizeof(in->fail));
    memcpy(&in->seen, &seen, sizeof(in->seen));
    memcpy(&in->code, &g->create, sizeof(in->code));
    dl_iterate_phdr(find_range, in);
    return fail && seen && in->end;
}

static void arm(const struct injector *in, long nth)
{
    in->fail((const void *)in->begin, (const void *)in->end, nth);
}

/* True if the n-th allocation was asked for, so that there may be one more. */
static bool reached(const struct injector *in, long nth)
{
    return in->seen() > nth;
}

/* Up to start and down again, with one allocation missing; errors are fine, with a text. */
static bool start_without(const struct injector *in, const struct guest *loaded, long nth)
{
    struct trial *t = in->t;
    struct guest g = {.t = t, .create = loaded->create, .probe = probe_new(t)};
    const hexmcp_plugin *plugin = NULL;
    hexmcp_error err = {.size = sizeof(err)};
    if (!g.probe)
        return false;
    arm(in, nth);
    trial_step(t, "hexmcp_plugin_create, whose allocation number %ld fails", nth + 1);
    int32_t status = g.create(probe_host(g.probe), &plugin, &err);
    guest_judge_error(&g, "hexmcp_plugin_create", "it", status, &err);
    if (status == HEXMCP_OK && plugin) {
        struct buffer settings = BUFFER_INIT;
        g.plugin = plugin;
        arm(in, -1);
        guest_settings(t, &settings);
        buffer_add_char(&settings, '\0');
        arm(in, nth);
        bool up = guest_init(&g, settings.data);
        if (up && HEXMCP_HAS(plugin, start)) {
            trial_step(t, "start, whose allocation number %ld fails", nth + 1);
            status = plugin->start(plugin->self, &err);
            guest_judge_error(&g, "start", "it", status, &err);
            g.started = status == HEXMCP_OK;
        }
        guest_down(&g);
        buffer_clear(&settings);
    }
    bool more = reached(in, nth);
    arm(in, -1);
    return more && trial_clean(t);
}

static bool call_without(const struct injector *in, struct guest *g, const struct guest_item *item,
                         struct str arguments, long nth)
{
    struct guest_answer answer;
    arm(in, nth);
    guest_call(g, item, arguments, CALL_UNJUDGED, &answer);
    bool more = reached(in, nth);
    arm(in, -1);
    guest_answer_clear(&answer);
    return more && trial_clean(in->t);
}

static void inject(struct trial *t)
{
    struct guest g;
    struct guest_items items;
    struct injector in;
    struct buffer arguments = BUFFER_INIT;
    guest_fill_scratch(t);
    if (!guest_up(&g, t) || !guest_items(&g, &items))
        return;
    if (!find_injector(&in, &g)) {
        trial_skip(t, ALLOC_FAIL_MODULE " was not loaded before this program");
        return;
    }
    for (long nth = 0; nth < FAILURES_MAX && start_without(&in, &g, nth); nth++)
        ;
    for (size_t i = 0; i < items.count && trial_clean(t); i++)
        for (unsigned n = 0; n < trial_rounds(t, 10, 2); n++) {
            struct generator gen = guest_generator(&g, &items.at[i], t->seed + n);
            guest_arguments(&g, &items.at[i], &gen, &arguments);
            for (long nth = 0; arguments.len && nth < FAILURES_MAX &&
                               call_without(&in, &g, &items.at[i], buffer_str(&arguments), nth);
                 nth++)
                ;
        }
    guest_down(&g);
    guest_items_free(&items);
    buffer_clear(&arguments);
}

void check_allocation(struct trial *t)
{
    char path[PATH_MAX];
    if (t->options->within) {
        inject(t);
        return;
    }
    int len = snprintf(path, sizeof(path), "%s/" ALLOC_FAIL_MODULE, t->program_folder);
    if (len < 0 || (size_t)len >= sizeof(path) || access(path, R_OK) != 0)
        trial_skip(t, ALLOC_FAIL_MODULE " is not beside this program");
    else if (!rerun(t, path, "allocation", t->subject->binary, ""))
        trial_skip(t, "this program could not be started with " ALLOC_FAIL_MODULE);
}

/* ---- 35 ------------------------------------------------------------------------------------- */

static void take_runtime(void *ctx, struct str library)
{
    static const char *const runtimes[] = {"libasan.", "libubsan.", "libtsan."};
    char *out = ctx;
    for (size_t i = 0; i < sizeof(runtimes) / sizeof(runtimes[0]); i++)
        if (library.len < RUNTIME_SIZE && str_starts(library, str_from(runtimes[i])) && !out[0]) {
            memcpy(out, library.ptr, library.len);
            out[library.len] = '\0';
        }
}

static void run_sanitized(struct trial *t, const char *binary)
{
    char runtime[RUNTIME_SIZE] = "";
    struct stat st;
    enum refusal why;
    struct str image;
    struct error err;
    const struct elf_visitor visitor = {.ctx = runtime, .needed = take_runtime};
    struct elf_survey facts;
    int fd = open_file_beneath(t->subject->folder, binary, &st, &why, &err);
    int rc = fd < 0 ? fd : mapping_open(fd, (size_t)st.st_size, &image, &err);
    if (fd >= 0)
        close(fd);
    if (!rc) {
        rc = elf_survey(image, &visitor, &facts, &err);
        mapping_close(image);
    }
    if (rc)
        tell_failure(t, binary, "%s", err.text);
    else if (!runtime[0])
        tell_warning(t, binary,
                     "it links no runtime of a sanitizer; build it with gcc "
                     "-fsanitize=..., or clang -shared-libsan");
    else if (!rerun(t, runtime, "paths,calls,bad-arguments,cancel,fuzz", binary, binary))
        tell_failure(t, binary, "the validator could not be run with %s", runtime);
}

void check_sanitizers(struct trial *t)
{
    static const char *const builds[] = {"plugin-asan.so", "plugin-ubsan.so", "plugin-tsan.so"};
    bool any = false;
    for (size_t i = 0; i < sizeof(builds) / sizeof(builds[0]); i++)
        if (faccessat(t->subject->folder, builds[i], R_OK, 0) == 0) {
            any = true;
            run_sanitized(t, builds[i]);
        }
    if (!any)
        trial_skip(t, "the folder holds no plugin-asan.so, plugin-ubsan.so or plugin-tsan.so");
}
