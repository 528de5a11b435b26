/* "hexmcp plugin install" and "hexmcp plugin remove". */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driven/archive/archive.h"
#include "adapters/driven/plugin_host/names.h"
#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/plugin/fetch.h"
#include "adapters/driving/cli/plugin/store.h"

struct installing {
    struct workshop workshop;
    struct store store;
    struct stage stage;
    const char *source;
    const char *digest; /* that the person gave; NULL: none */
    struct record *old; /* the installed one of the same id; NULL: none, or it is refused */
};

/* ---- what is to be installed ---- */

static bool is_url(const char *source)
{
    return strstr(source, "://") != NULL;
}

static int check_words(const struct invocation *inv, struct installing *in, struct error *err)
{
    struct stat st;
    in->source = inv->operands[0];
    in->digest = invocation_option(inv, "digest");
    if (in->digest && !name_is_digest(str_from(in->digest)))
        return error_set(err, ST_INVALID,
                         "--digest %s: is no digest; it is sha256: and 64 digits of 0-9 a-f",
                         in->digest);
    if (is_url(in->source) && !in->digest)
        return error_set(err, ST_INVALID,
                         "%s: --digest is needed for what comes from an address; who made the plugin "
                         "says what it is, as \"hexmcp plugin pack\" printed it",
                         in->source);
    if (!is_url(in->source) && in->digest && stat(in->source, &st) == 0 && S_ISDIR(st.st_mode))
        return error_set(err, ST_INVALID,
                         "--digest is that of a file; %s is a folder: pack it, or leave --digest out",
                         in->source);
    return ST_OK;
}

static int check_digest(struct installing *in, int fd, struct error *err)
{
    char digest[DIGEST_TEXT];
    if (!in->digest)
        return ST_OK;
    int rc = workshop_digest(&in->workshop, fd, digest, err);
    if (rc || strcmp(digest, in->digest) == 0)
        return rc;
    return error_set(err, ST_DENIED, "its digest is %s, not the %s that was asked for", digest,
                     in->digest);
}

static int take_archive(struct installing *in, int fd, struct error *err)
{
    int rc = check_digest(in, fd, err);
    return rc ? rc : stage_unpack(&in->stage, &in->workshop, fd, err);
}

/* Into a file of no name, which goes with its descriptor. */
static int take_url(struct installing *in, struct error *err)
{
    int fd = openat(in->stage.fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_set(err, ST_UNAVAILABLE, "%s cannot be kept: %s", in->source, strerror(errno));
    int rc = fetch_url(&in->workshop, in->source, fd, ARCHIVE_MAX_PACKED, err);
    if (!rc && lseek(fd, 0, SEEK_SET) != 0)
        rc = error_set(err, ST_UNAVAILABLE, "it cannot be read: %s", strerror(errno));
    if (!rc)
        rc = take_archive(in, fd, err);
    close(fd);
    return rc ? error_prefix(err, "%s: ", in->source) : ST_OK;
}

static int take_path(struct installing *in, struct error *err)
{
    struct stat st;
    int fd = open(in->source, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        int rc = error_set(err, errno == ENOENT ? ST_NOT_FOUND : ST_UNAVAILABLE, "%s: %s",
                           in->source, strerror(errno));
        if (fd >= 0)
            close(fd);
        return rc;
    }
    int rc;
    if (S_ISDIR(st.st_mode))
        rc = stage_copy(&in->stage, &in->workshop, in->source, false, err);
    else if ((rc = take_archive(in, fd, err)))
        error_prefix(err, "%s: ", in->source);
    close(fd);
    return rc;
}

static int verify(struct installing *in, struct error *err)
{
    int rc = stage_verify(&in->stage, &in->workshop, err);
    return rc ? error_prefix(err, "%s: ", in->source) : ST_OK;
}

/* ---- putting it in its place ---- */

static int check_place(struct installing *in, struct error *err)
{
    char path[PATH_MAX];
    struct stat st;
    snprintf(path, sizeof(path), "%s/%s", places_bundled(in->workshop.places), in->stage.id);
    if (stat(path, &st) == 0)
        return error_set(err, ST_DENIED, "%s: comes with hexmcp and is not replaced",
                         in->stage.id);
    struct error unused;
    if (store_look(&in->store, &in->workshop, in->stage.id, &in->old, &unused))
        in->old = NULL;
    return ST_OK;
}

/* True if the person says y or yes. */
static bool ask(const struct installing *in)
{
    char answer[16];
    printf("%s %.*s is installed. Replace it by %.*s? [y/N] ", in->stage.id,
           STR_ARG(record_text(in->old, TEXT_VERSION)), STR_ARG(in->stage.version));
    fflush(stdout);
    if (!fgets(answer, sizeof(answer), stdin))
        return false;
    struct str said = {answer, strcspn(answer, "\r\n")};
    return str_eq(said, STR("y")) || str_eq(said, STR("Y")) || str_eq(said, STR("yes"));
}

/* May what is there be replaced? */
static int confirm(const struct invocation *inv, const struct installing *in, struct error *err)
{
    if (!in->old || invocation_option(inv, "yes"))
        return ST_OK;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return error_set(err, ST_INVALID,
                         "%s %.*s is installed; --yes replaces it by %.*s without asking",
                         in->stage.id, STR_ARG(record_text(in->old, TEXT_VERSION)),
                         STR_ARG(in->stage.version));
    return ask(in) ? ST_OK : error_set(err, ST_INVALID, "nothing was changed");
}

static void tell(const struct installing *in)
{
    printf("%s %.*s is installed in %s/%s.\n"
           "It is off until you trust it:\n\n"
           "  hexmcp plugin trust %s\n",
           in->stage.id, STR_ARG(in->stage.version), in->store.path, in->stage.id, in->stage.id);
}

static int install(const struct invocation *inv, struct installing *in, struct error *err)
{
    int rc = check_words(inv, in, err);
    if (!rc)
        rc = workshop_open(inv, &in->workshop, err);
    if (!rc)
        rc = store_open(&in->store, err);
    if (!rc)
        rc = stage_open(in->store.path, &in->stage, err);
    if (!rc)
        rc = is_url(in->source) ? take_url(in, err) : take_path(in, err);
    if (!rc)
        rc = verify(in, err);
    if (!rc)
        rc = check_place(in, err);
    if (!rc)
        rc = confirm(inv, in, err);
    return rc ? rc : store_put(&in->store, &in->stage, &in->workshop, err);
}

static int run_install(struct invocation *inv)
{
    struct installing in = {.store = {.fd = -1, .lock = -1}, .stage = {.fd = -1, .parent = -1}};
    struct error err;
    int rc = install(inv, &in, &err);
    if (!rc)
        tell(&in);
    free(in.old);
    stage_clear(&in.stage);
    store_close(&in.store);
    workshop_close(&in.workshop);
    return rc ? report_error(&err) : EXIT_DONE;
}

/* ---- remove ---- */

static int run_remove(struct invocation *inv)
{
    struct store store;
    struct error err;
    int rc = store_open(&store, &err);
    if (!rc)
        rc = store_remove(&store, inv->operands[0], &err);
    if (!rc)
        printf("%s is removed from %s.\n", inv->operands[0], store.path);
    store_close(&store);
    return rc ? report_error(&err) : EXIT_DONE;
}

static const struct option_spec install_options[] = {
    {"digest", "DIGEST", "refuse a file with another digest than this: sha256:..."},
    {"yes", NULL, "replace an installed version without asking"},
    {NULL, NULL, NULL},
};

const struct command command_plugin_install = {
    .name = "plugin install",
    .operands = "FILE|FOLDER|URL",
    .summary = "Install a plugin for yourself; it stays off until you trust it.",
    .details = "Takes a file that \"hexmcp plugin pack\" made, the folder of a bundle, or an address\n"
               "of such a file, for which --digest is needed. Nothing of it runs: it is read by a process\n"
               "without rights, verified as the server does, and then put in the place of an older\n"
               "version in one step.\n\n"
               "  hexmcp plugin install org.example.word-counter-0.1.0.hexplugin",
    .options = install_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_install,
};

const struct command command_plugin_remove = {
    .name = "plugin remove",
    .operands = "ID",
    .summary = "Remove a plugin that you installed.",
    .details = "Its files go. What you said about it, such as settings and trust, stays.",
    .options = NULL,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_remove,
};
