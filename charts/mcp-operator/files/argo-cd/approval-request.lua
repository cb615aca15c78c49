-- Health of an ApprovalRequest, from its phase.
-- Suspended: waits for people. Progressing: the executor is at it. Degraded: it was not done, and somebody has to know.
local healths = {
  Pending = "Suspended",
  Approved = "Progressing",
  Executing = "Progressing",
  Executed = "Healthy",
  Cancelled = "Healthy",
  Superseded = "Healthy",
  Denied = "Degraded",
  Expired = "Degraded",
  Failed = "Degraded",
  RolledBack = "Degraded",
}

local status = obj.status or {}
if status.phase == nil then
  return { status = "Progressing", message = "Waiting for the operator to see this request" }
end

local message = status.phase
for _, condition in ipairs(status.conditions or {}) do
  if condition.type == status.phase then
    message = condition.reason .. ": " .. (condition.message or "")
  end
end
if status.phase == "Pending" and status.approvals ~= nil then
  message = "Waits for approval: " .. status.approvals.have .. " of " .. status.approvals.need
end
return { status = healths[status.phase] or "Progressing", message = message }
