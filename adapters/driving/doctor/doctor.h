/*
 * Examines things and says what is wrong with them: any MCP server on stdio, or this installation.
 *
 * An examination is a table of checks (check.h). Each says nothing, or something at one of three
 * severities, or why it could not look. What they said is a report, which is then written for
 * people, as JSON, or as SARIF 2.1.0.
 */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "ports/driven/regex.h"

enum doctor_severity {
    DOCTOR_NOTE,    /* worth to know, nothing to do            */
    DOCTOR_WARNING, /* some clients or people will stumble     */
    DOCTOR_ERROR,   /* it breaks a rule that clients count on  */
};

struct doctor_report;

/* Which checks run. With `only` no others; `skip` wins. Names are ids of checks. */
struct doctor_choice {
    const char *const *only;
    size_t only_count;
    const char *const *skip;
    size_t skip_count;
};

struct doctor_stdio {
    char *const *command;  /* an argument vector, ended by NULL; [0] is looked up in PATH     */
    uint32_t timeout_ms;   /* for one answer, and for the end of the server                   */
    bool call_tools;       /* also tools that do not say they only read                       */
    const char *schemas;   /* folder of the protocol's JSON schemas, NULL for none            */
    const struct regex_port *regex;
    const char *version;   /* ours, told to the server                                        */
    struct doctor_choice choice;
};

/* Starts the server several times and talks to it. Takes the signal SIGPIPE and the place of the
 * parent of orphans for the whole process. ST_INVALID names an unknown check in `choice`. The
 * report is the caller's. [the only thread that has child processes] */
int doctor_examine_stdio(const struct doctor_stdio *what, struct doctor_report **out,
                         struct error *err);

/* An MCP client that has an entry of ours, or a file that we cannot judge. */
struct doctor_client {
    const char *title;
    const char *file;
    const char *command; /* what the entry starts; empty if it is not known */
    const char *why;     /* the file cannot be read or understood; NULL if it can */
    bool runs;           /* the command is there */
};

/* A tool that this build does not have, and the library that it needs. */
struct doctor_left_out {
    const char *tool, *needs;
};

struct plugin_host;
struct config;

struct doctor_installation {
    const struct plugin_host *plugins; /* NULL if the program could not be set up          */
    const struct config *config;       /* NULL if the configuration could not be read      */
    const struct error *broken;        /* why; NULL if everything could be set up          */
    const char *program;               /* for the first line                               */
    const char *bundled;               /* folder of the plugins that come with the program */
    const char *modules;               /* folder of the program's modules                  */
    const char *const *folders;        /* folders that may be there and must be safe       */
    size_t folder_count;
    const struct doctor_client *clients;
    size_t client_count;
    const struct doctor_left_out *left_out;
    size_t left_out_count;
    uint32_t tools_cut;   /* how many tools the cap on tokens has cut from the list */
    uint32_t tool_tokens; /* what the list would cost with them */
    const char *version;
    struct doctor_choice choice;
};

/* Loads the program's modules and the libraries that enabled plugins need; runs no plugin. Any of
 * the pointers may be NULL when `broken` is set. */
int doctor_examine_installation(const struct doctor_installation *what, struct doctor_report **out,
                                struct error *err);

size_t doctor_report_count(const struct doctor_report *report, enum doctor_severity severity);

/* Append to `out`. */
void doctor_report_text(const struct doctor_report *report, bool colours, struct buffer *out);
void doctor_report_json(const struct doctor_report *report, struct buffer *out);
void doctor_report_sarif(const struct doctor_report *report, struct buffer *out);

void doctor_report_free(struct doctor_report *report);
