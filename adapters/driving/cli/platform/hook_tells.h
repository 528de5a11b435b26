/* What happens to the program itself, for hooks. `hooks` may be NULL. */
#pragma once

#include "core/hook/hooks.h"
#include "ports/driven/traffic_tap.h"

/* HOOK_SYSTEM_STARTUP or HOOK_SYSTEM_SHUTDOWN. */
void hook_tell_system(struct hooks *hooks, enum hook_point point);

/* PluginLoaded, or PluginFailed. */
void hook_tell_plugin(struct hooks *hooks, struct str id, bool loaded);

/* ConfigurationChange: the plugin was loaded anew while the program serves. */
void hook_tell_reloaded(struct hooks *hooks, struct str plugin);

/* A snapshot of a session is kept. */
void hook_tell_checkpoint(struct hooks *hooks, struct str session, uint64_t version);

/* SecurityViolation: a plugin tried what it was not granted. */
void hook_tell_denied(struct hooks *hooks, struct str plugin, struct str what);

/* RequestReceived, ResponseSent. */
void hook_tell_request(struct hooks *hooks, const struct traffic_event *event);
void hook_tell_response(struct hooks *hooks, const struct traffic_event *event);
