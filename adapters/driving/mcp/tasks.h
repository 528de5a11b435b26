/*
 * Tasks, in both dialects: as part of revision 2025-11-25, where the client asks for one, and as the
 * extension of the modern era, where the server decides.
 */
#pragma once

#include "adapters/driving/mcp/connection.h"
#include "ports/driving/task_service.h"

/* A tools/call that becomes a task, or may not be a plain call. True: it has been answered. */
bool task_take_call(struct request *r, const struct item *tool);
/* A call whose first round has been answered goes on as a task; both texts are JSON. */
void task_go_on(struct request *r, struct str state, struct str answers);

/* tasks_write.c */
struct str task_status_word(const struct request *r, const struct task_view *view);
/* The members of a task in the dialect of the request, without braces. */
void task_write(struct json_writer *w, const struct request *r, const struct task_view *view);
/* What a modern client is told besides: result, error or inputRequests. */
void task_write_outcome(struct json_writer *w, const struct request *r,
                        const struct task_view *view);
/* "io.modelcontextprotocol/related-task":{"taskId":...} */
void task_put_related(struct json_writer *w, struct str id);

/* tasks_client.c: what is kept with a task about the client that started it */
void task_client_write(const struct request *r, struct buffer *out);
/* ST_NOMEM. */
int task_client_read(struct str client, struct client_abilities *abilities,
                     enum revision *revision, struct error *err);
/* Writes those of the requests that this client can be asked. */
int task_admit(struct str client, struct json requests, struct buffer *admitted,
               struct error *err);
/* Answers of a modern client to what the task asks; others are ignored. */
int task_check_answers(const struct task_view *view, struct json responses, struct error *err);

/* tasks_reports.c: progress and log lines of tasks in a session */
bool task_reports_begin(struct request *r, struct task_options *options, void **handle);
void task_reports_name(void *handle, struct str id);
void task_reports_drop(void *handle);
void task_reports_close(struct connection *c);
void task_reports_changed(struct connection *c, struct str id);

/* tasks_list.c */
void task_list_page(struct request *r, struct str unused);

/* tasks_result.c: tasks/result, which waits */
void task_result_changed(struct connection *c, struct str id);
void task_result_forget(struct request *r);

/* tasks_ready.c */
typedef void task_step_fn(struct request *r, struct str id);
/* Calls then() when what is told of the task, or with an empty id of all tasks of the caller, is stored;
 * else answers the request with an error. Perhaps before return. */
void task_ready_then(struct request *r, struct str id, task_step_fn *then);
void task_ready_forget(struct request *r);

/* The service and the context to ask it in. */
const struct task_service *task_service_of(const struct connection *c);
struct call_context task_context(const struct connection *c);
/* Goes on with the task that params.taskId names; without one the request is answered. */
void task_of_request_then(struct request *r, task_step_fn *then);
/* What there is to see of the task; false: there is none, answered. */
bool task_view_for(struct request *r, struct str id, struct task_view *view);
