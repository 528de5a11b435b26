/* "hexmcp plugin dev": builds, loads, calls, and does so again when a source is saved. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "adapters/driven/loop/loop.h"
#include "adapters/driven/plugin_host/plugin_host.h"
#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/plain.h"
#include "adapters/driving/cli/plugin/dev/build.h"
#include "adapters/driving/cli/plugin/dev/prompt.h"
#include "adapters/driving/cli/plugin/dev/saves.h"
#include "adapters/driving/cli/plugin/manifest_edit.h"

/* A descriptor that the loop watches. */
struct source {
    uv_poll_t poll;
    bool open, ready;
};

struct dev {
    char folder[PATH_MAX - 160]; /* of the sources */
    char build_folder[PATH_MAX - 150];
    char bundle[PATH_MAX];
    char id[128];
    struct app *app;
    struct saves *saves;
    struct build build;
    struct source typed, saved, said;
    int input;
    struct buffer line; /* typed, and not yet done */
    struct stat built;  /* plugin.so and plugin.json as they are loaded */
    struct stat built_manifest;
    bool again; /* something was saved while meson ran */
    bool over;
};

/* ---- what is where ---- */

static int read_id(struct dev *dev, struct error *err)
{
    char path[PATH_MAX], block[4096];
    struct buffer text = BUFFER_INIT;
    size_t n;
    snprintf(path, sizeof(path), "%s/plugin.json", dev->folder);
    FILE *file = fopen(path, "re");
    if (!file)
        return error_set(err, ST_NOT_FOUND,
                         "%s: %s; \"hexmcp plugin new\" makes the folder of a plugin", path,
                         strerror(errno));
    while ((n = fread(block, 1, sizeof(block), file)) > 0)
        buffer_add(&text, block, n);
    fclose(file);
    manifest_id(buffer_str(&text), dev->id);
    buffer_clear(&text);
    return dev->id[0] ? ST_OK
                      : error_set(err, ST_INVALID, "%s: is no manifest with the id of a plugin", path);
}

static int find_folder(struct dev *dev, const struct invocation *inv, struct error *err)
{
    const char *folder = inv->operand_count ? inv->operands[0] : ".";
    const char *build = invocation_option(inv, "build");
    char real[PATH_MAX], path[PATH_MAX];
    if (!realpath(folder, real))
        return error_set(err, ST_NOT_FOUND, "%s: %s", folder, strerror(errno));
    if (strlen(real) >= sizeof(dev->folder))
        return error_set(err, ST_INVALID, "%s: the path is too long", folder);
    memcpy(dev->folder, real, strlen(real) + 1);
    int rc = read_id(dev, err);
    if (rc)
        return rc;
    snprintf(path, sizeof(path), "%s/meson.build", dev->folder);
    if (access(path, R_OK) != 0)
        return error_set(err, ST_NOT_FOUND, "%s: %s; meson builds the plugin", path,
                         strerror(errno));
    int len = build && build[0] == '/'
                  ? snprintf(dev->build_folder, sizeof(dev->build_folder), "%s", build)
                  : snprintf(dev->build_folder, sizeof(dev->build_folder), "%s/%s", dev->folder,
                             build ? build : "build");
    if (len < 0 || (size_t)len >= sizeof(dev->build_folder))
        return error_set(err, ST_INVALID, "%s: the path is too long", folder);
    snprintf(dev->bundle, sizeof(dev->bundle), "%s/%s", dev->build_folder, dev->id);
    return ST_OK;
}

/* ---- building ---- */

static void show_said(struct dev *dev)
{
    plain_put(stderr, buffer_str(&dev->build.said));
    buffer_clear(&dev->build.said);
}

static int start_compile(struct dev *dev, struct error *err)
{
    const char *const arguments[] = {"meson", "compile", "-C", dev->build_folder, NULL};
    return build_start(&dev->build, dev->folder, arguments, err);
}

static int set_up(struct dev *dev, struct error *err)
{
    char path[PATH_MAX];
    const char *const arguments[] = {"meson", "setup", dev->build_folder, NULL};
    snprintf(path, sizeof(path), "%s/build.ninja", dev->build_folder);
    if (access(path, R_OK) == 0)
        return ST_OK;
    int rc = build_start(&dev->build, dev->folder, arguments, err);
    if (rc)
        return rc;
    if (!build_wait(&dev->build)) {
        show_said(dev);
        return error_set(err, ST_INVALID, "meson setup failed; what it said is above");
    }
    buffer_clear(&dev->build.said);
    return ST_OK;
}

/* True if the bundle is another one than the last time. */
static bool bundle_changed(struct dev *dev)
{
    char path[PATH_MAX + 16];
    struct stat code = {0}, manifest = {0};
    snprintf(path, sizeof(path), "%s/plugin.so", dev->bundle);
    stat(path, &code);
    snprintf(path, sizeof(path), "%s/plugin.json", dev->bundle);
    stat(path, &manifest);
    bool changed = code.st_ino != dev->built.st_ino || code.st_size != dev->built.st_size ||
                   code.st_mtim.tv_sec != dev->built.st_mtim.tv_sec ||
                   code.st_mtim.tv_nsec != dev->built.st_mtim.tv_nsec ||
                   manifest.st_ino != dev->built_manifest.st_ino ||
                   manifest.st_mtim.tv_nsec != dev->built_manifest.st_mtim.tv_nsec;
    dev->built = code;
    dev->built_manifest = manifest;
    return changed;
}

static int first_build(struct dev *dev, struct error *err)
{
    int rc = set_up(dev, err);
    if (!rc)
        rc = start_compile(dev, err);
    if (rc)
        return rc;
    if (!build_wait(&dev->build)) {
        show_said(dev);
        fputs("hexmcp: the build failed; it is done again when you save\n", stderr);
    }
    buffer_clear(&dev->build.said);
    bundle_changed(dev);
    return ST_OK;
}

/* ---- the loop ---- */

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct source *source = poll->data;
    (void)status;
    (void)events;
    source->ready = true;
    uv_poll_stop(poll);
}

/* Has the loop watch the descriptor, again after each time that it was ready. */
static int watch_source(struct dev *dev, struct source *source, int fd, struct error *err)
{
    if (!source->open) {
        int rc = uv_poll_init(loop_uv(app_loop(dev->app)), &source->poll, fd);
        if (rc)
            return error_set(err, ST_UNAVAILABLE, "a descriptor cannot be watched: %s",
                             uv_strerror(rc));
        source->poll.data = source;
        source->open = true;
    }
    source->ready = false;
    uv_poll_start(&source->poll, UV_READABLE, on_ready);
    return ST_OK;
}

static void on_closed(uv_handle_t *handle)
{
    ((struct source *)handle->data)->open = false;
}

static void forget_source(struct dev *dev, struct source *source)
{
    if (!source->open)
        return;
    uv_close((uv_handle_t *)&source->poll, on_closed);
    while (source->open)
        loop_turn(app_loop(dev->app));
    source->ready = false;
}

static void show_prompt(const struct dev *dev)
{
    fflush(stdout);
    fprintf(stderr, "%s> ", dev->id);
}

/* ---- reloading ---- */

static void on_reloaded(void *ctx, struct str id, const struct error *err)
{
    struct dev *dev = ctx;
    (void)id;
    if (err)
        report_error(err);
    else
        fputs("hexmcp: built and loaded\n", stderr);
    if (dev->app)
        show_prompt(dev);
}

static void reload(struct dev *dev)
{
    struct error err;
    if (!bundle_changed(dev))
        fputs("hexmcp: built; the plugin is what it was\n", stderr);
    else if (!plugin_host_reload(app_plugins(dev->app), str_from(dev->id), on_reloaded, dev, &err))
        return; /* on_reloaded tells */
    else
        report_error(&err);
    show_prompt(dev);
}

static void begin_build(struct dev *dev)
{
    struct error err;
    dev->again = false;
    if (start_compile(dev, &err) ||
        watch_source(dev, &dev->said, dev->build.fd, &err)) {
        build_close(&dev->build);
        report_error(&err);
        show_prompt(dev);
    }
}

static void on_saved(struct dev *dev)
{
    struct error err;
    if (saves_take(dev->saves)) {
        if (dev->build.fd >= 0) {
            dev->again = true;
        } else {
            fputs("\nhexmcp: saved; building ...\n", stderr);
            begin_build(dev);
        }
    }
    if (watch_source(dev, &dev->saved, saves_fd(dev->saves), &err))
        report_error(&err);
}

static void on_said(struct dev *dev)
{
    bool good;
    struct error err;
    if (!build_take(&dev->build, &good)) {
        if (watch_source(dev, &dev->said, dev->build.fd, &err))
            report_error(&err);
        return;
    }
    forget_source(dev, &dev->said);
    if (dev->again) {
        buffer_clear(&dev->build.said);
        begin_build(dev);
    } else if (good) {
        buffer_clear(&dev->build.said);
        reload(dev);
    } else {
        show_said(dev);
        fputs("hexmcp: the build failed; the plugin stays what it was\n", stderr);
        show_prompt(dev);
    }
}

/* ---- typing ---- */

/* Does the whole lines; true if there was one. */
static bool do_lines(struct dev *dev)
{
    bool any = false;
    char *end;
    while (!dev->over && dev->line.len &&
           (end = memchr(dev->line.data, '\n', dev->line.len))) {
        size_t len = (size_t)(end - dev->line.data);
        *end = '\0';
        dev->over = prompt_do(dev->app, str_from(dev->id), dev->line.data) == PROMPT_QUIT;
        buffer_drop_front(&dev->line, len + 1);
        any = true;
    }
    return any;
}

/* The last line may lack its end. */
static void end_of_input(struct dev *dev)
{
    if (dev->line.len)
        buffer_add_char(&dev->line, '\n');
    do_lines(dev);
    fputc('\n', stderr);
    dev->over = true;
}

static void on_typed(struct dev *dev)
{
    char block[4096];
    struct error err;
    ssize_t got = read(dev->input, block, sizeof(block));
    if (got > 0)
        buffer_add(&dev->line, block, (size_t)got);
    else if (got == 0 || (errno != EAGAIN && errno != EINTR))
        end_of_input(dev);
    if (do_lines(dev) && !dev->over)
        show_prompt(dev);
    if (!dev->over && watch_source(dev, &dev->typed, dev->input, &err)) {
        report_error(&err);
        dev->over = true;
    }
}

static int serve(struct dev *dev, struct error *err)
{
    int rc = watch_source(dev, &dev->typed, dev->input, err);
    if (!rc)
        rc = watch_source(dev, &dev->saved, saves_fd(dev->saves), err);
    if (rc)
        return rc;
    show_prompt(dev);
    while (!dev->over) {
        loop_turn(app_loop(dev->app));
        if (dev->saved.ready)
            on_saved(dev);
        if (dev->said.ready)
            on_said(dev);
        if (dev->typed.ready)
            on_typed(dev);
    }
    return ST_OK;
}

/* ---- beginning and end ---- */

/* The plugin is enabled by its path, and its log is shown; what the person set comes after. */
static void add_plugin(struct dev *dev, struct invocation *inv)
{
    int room = MAX_GIVEN - inv->given_count;
    if (room < 2)
        return;
    memmove(inv->given + 2, inv->given, (size_t)inv->given_count * sizeof(inv->given[0]));
    inv->given[0] = (struct given){"plugin", dev->bundle};
    inv->given[1] = (struct given){"set", "log.level=info"};
    inv->given_count += 2;
}

static int open_dev(struct dev *dev, struct invocation *inv, struct error *err)
{
    int rc = find_folder(dev, inv, err);
    if (!rc)
        rc = saves_open(dev->folder, dev->build_folder, &dev->saves, err);
    if (!rc)
        rc = first_build(dev, err);
    if (rc)
        return rc;
    add_plugin(dev, inv);
    rc = app_open(inv, &dev->app, err);
    if (rc)
        return rc;
    app_warn_of_refused(dev->app);
    app_start_dynamic(dev->app);
    /* Opened anew: not to block would otherwise be a property of everybody's terminal. */
    dev->input = open("/proc/self/fd/0", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (dev->input < 0)
        return error_set(err, ST_UNAVAILABLE, "standard input cannot be opened: %s",
                         strerror(errno));
    return ST_OK;
}

static void close_dev(struct dev *dev)
{
    if (dev->app) {
        forget_source(dev, &dev->typed);
        forget_source(dev, &dev->saved);
        forget_source(dev, &dev->said);
    }
    build_close(&dev->build);
    saves_close(dev->saves);
    if (dev->input >= 0)
        close(dev->input);
    buffer_clear(&dev->line);
    struct app *app = dev->app;
    dev->app = NULL;
    app_close(app);
}

static int run(struct invocation *inv)
{
    struct error err;
    struct dev *dev = calloc(1, sizeof(*dev));
    if (!dev)
        return report_error((error_set(&err, ST_NOMEM, "out of memory"), &err));
    dev->input = dev->build.fd = -1;
    int rc = open_dev(dev, inv, &err);
    if (!rc) {
        printf("%s is loaded from %s. \"help\" says what you can type.\n", dev->id, dev->bundle);
        rc = serve(dev, &err);
    }
    close_dev(dev);
    free(dev);
    return rc ? report_error(&err) : EXIT_DONE;
}

static const struct option_spec options[] = {
    {"build", "DIR", "the build folder of meson (default: build)"},
    {NULL, NULL, NULL},
};

const struct command command_plugin_dev = {
    .name = "plugin dev",
    .operands = "[DIR]",
    .summary = "Build a plugin, call what it offers at a prompt, and build anew when you save.",
    .details = "DIR is the folder with plugin.json and meson.build (default: this one). When a source is\n"
               "saved, meson compiles; a new version takes the place of the old one, with its state. If it\n"
               "cannot be built or loaded, the old one stays. Ctrl-C at the prompt ends, while a tool runs\n"
               "it cancels the call.",
    .options = options,
    .min_operands = 0,
    .max_operands = 1,
    .run = run,
};
