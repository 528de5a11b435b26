/* Checks 5 to 11: plugin.so, read as data. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driving/validator/checks_static.h"

#define ADVICE_HIDE "compile with -fvisibility=hidden"

void check_elf(struct trial *t)
{
    const struct subject *s = t->subject;
    if (s->binary_fd < 0)
        tell_failure(t, s->binary, "%s", s->image_error.text);
    else if (!s->facts_read && s->facts_why == REFUSED_ELF)
        tell_failure(t, s->binary, "%s", s->facts_error.text);
}

static void check_reserved(struct trial *t, const hexmcp_plugin_info_1 *info)
{
    for (size_t i = 0; i < sizeof(info->reserved); i++)
        if (info->reserved[i]) {
            tell_failure(t, t->subject->binary,
                         "the reserved bytes of hexmcp_plugin_info are not "
                         "zero; use HEXMCP_PLUGIN_DEFINE");
            return;
        }
}

void check_info(struct trial *t)
{
    const struct subject *s = t->subject;
    const hexmcp_plugin_info_1 *info = &s->facts.info;
    struct error err;
    if (!s->facts_read) {
        tell_failure(t, s->binary, "%s", s->facts_error.text);
        return;
    }
    if (abi_check("plugin.so", info->abi_major, info->abi_minor, info->min_host_minor, &err))
        tell_failure(t, s->binary, "%s", err.text);
    check_reserved(t, info);
}

void check_agreement(struct trial *t)
{
    const struct subject *s = t->subject;
    struct error err;
    if (!s->facts_read) {
        trial_skip(t, "%s", s->facts_error.text);
        return;
    }
    if (abi_check_same(s->manifest.text[TEXT_ID], s->manifest.text[TEXT_VERSION],
                       s->manifest.abi_major, &s->facts.info, &err))
        tell_failure(t, s->binary, "%s", err.text);
}

static void take_exported(void *ctx, struct str name)
{
    struct trial *t = ctx;
    if (str_eq(name, STR("hexmcp_plugin_info")) || str_eq(name, STR("hexmcp_plugin_create")))
        return;
    /* The linker's own; some put them into the table. */
    if (str_eq(name, STR("_init")) || str_eq(name, STR("_fini")) || str_eq(name, STR("_end")) ||
        str_eq(name, STR("_edata")) || str_eq(name, STR("__bss_start")))
        return;
    tell_failure(t, t->subject->binary,
                 "it exports \"%.*s\", which can clash with other plugins; " ADVICE_HIDE,
                 STR_ARG(name));
}

static void survey(struct trial *t, const struct elf_visitor *visitor, struct elf_survey *out)
{
    struct error err;
    if (elf_survey(t->subject->image, visitor, out, &err))
        tell_failure(t, t->subject->binary, "%s", err.text);
}

void check_exports(struct trial *t)
{
    const struct elf_visitor visitor = {.ctx = t, .exported = take_exported};
    struct elf_survey out;
    survey(t, &visitor, &out);
}

struct resolution {
    struct trial *t;
    void *libraries[64];
    size_t count;
};

static void load_library(void *ctx, struct str name)
{
    struct resolution *r = ctx;
    char path[256];
    snprintf(path, sizeof(path), "%.*s", STR_ARG(name));
    trial_step(r->t, "loading the library %s", path);
    void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
    if (!library)
        tell_failure(r->t, r->t->subject->binary,
                     "it needs the library %s, which is not on this system; install it, or link it "
                     "into the plugin",
                     path);
    else if (r->count < sizeof(r->libraries) / sizeof(r->libraries[0]))
        r->libraries[r->count++] = library;
}

static void resolve(void *ctx, struct str name, bool weak)
{
    struct resolution *r = ctx;
    char text[512];
    if (weak || name.len >= sizeof(text))
        return;
    snprintf(text, sizeof(text), "%.*s", STR_ARG(name));
    for (size_t i = 0; i < r->count; i++)
        if (dlsym(r->libraries[i], text))
            return;
    /* The loader itself stands behind every program: __tls_get_addr. */
    if (dlsym(RTLD_DEFAULT, text))
        return;
    tell_failure(r->t, r->t->subject->binary,
                 "nothing that it links defines \"%s\"; link the library that does (-Wl,-z,defs "
                 "finds this at build)",
                 text);
}

void check_undefined(struct trial *t)
{
    struct resolution r = {.t = t};
    const struct elf_visitor libraries = {.ctx = &r, .needed = load_library};
    const struct elf_visitor symbols = {.ctx = &r, .undefined = resolve};
    struct elf_survey out;
    survey(t, &libraries, &out);
    if (trial_clean(t))
        survey(t, &symbols, &out);
}

static bool fixed_folder(struct str path)
{
    return str_starts(path, STR("/usr/")) || str_starts(path, STR("/lib")) ||
           str_starts(path, STR("/opt/"));
}

static void check_path(void *ctx, struct str paths)
{
    struct trial *t = ctx;
    while (paths.len) {
        const char *colon = memchr(paths.ptr, ':', paths.len);
        struct str one = {paths.ptr, colon ? (size_t)(colon - paths.ptr) : paths.len};
        if (str_starts(one, STR("$ORIGIN")) || str_starts(one, STR("${ORIGIN}")))
            tell_warning(
                t, t->subject->binary,
                "its RUNPATH %.*s does not name its folder, because hexmcp loads it through "
                "a descriptor; link the library into the plugin",
                STR_ARG(one));
        else if (!fixed_folder(one))
            tell_failure(t, t->subject->binary,
                         "its RUNPATH names %.*s, a folder of one machine; take -rpath away",
                         STR_ARG(one));
        size_t used = one.len + (colon ? 1 : 0);
        paths = (struct str){paths.ptr + used, paths.len - used};
    }
}

void check_hardening(struct trial *t)
{
    const struct elf_visitor visitor = {.ctx = t, .search_path = check_path};
    struct elf_survey out = {0};
    survey(t, &visitor, &out);
    if (out.text_relocations)
        tell_failure(t, t->subject->binary,
                     "the loader must write into its code (TEXTREL); compile with -fPIC");
    if (out.executable_stack)
        tell_failure(t, t->subject->binary,
                     "it asks for an executable stack; link with -Wl,-z,noexecstack");
}

/* Libraries that a plugin should not bring: the host has a service, or copies of them clash. */
static const char *problem_of(struct str library)
{
    static const struct {
        const char *prefix, *text;
    } known[] = {
        {"libcurl", "ask the host (hexmcp.http/1), which checks addresses and knows the grants"},
        {"libssl", "ask the host (hexmcp.http/1 or hexmcp.net/1) for encrypted connections"},
        {"libgnutls", "ask the host (hexmcp.http/1 or hexmcp.net/1) for encrypted connections"},
        {"libcjson", "hexmcp/json.h reads and writes JSON without a library"},
        {"libjansson", "hexmcp/json.h reads and writes JSON without a library"},
        {"libjson-c", "hexmcp/json.h reads and writes JSON without a library"},
        {"libpython", "an interpreter in the server's process cannot be taken out again"},
        {"libasan", "that is a build for tests; name it plugin-asan.so"},
        {"libubsan", "that is a build for tests; name it plugin-ubsan.so"},
        {"libtsan", "that is a build for tests; name it plugin-tsan.so"},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (str_starts(library, str_from(known[i].prefix)))
            return known[i].text;
    return NULL;
}

static void take_library(void *ctx, struct str library)
{
    struct trial *t = ctx;
    const char *problem = problem_of(library);
    if (problem)
        tell_warning(t, t->subject->binary, "it links %.*s; %s", STR_ARG(library), problem);
    else
        tell_note(t, t->subject->binary, "it links %.*s", STR_ARG(library));
}

void check_libraries(struct trial *t)
{
    const struct elf_visitor visitor = {.ctx = t, .needed = take_library};
    struct elf_survey out;
    survey(t, &visitor, &out);
}
