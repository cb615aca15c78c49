-- Health of an MCPServer, from the condition Ready.
-- Suspended: stopped on purpose. Progressing: may pass by itself. Degraded: somebody has to do something.
local suspended = { Suspended = true, ScaledToZero = true }
local progressing = {
  NotAvailable = true,
  NotYetProbed = true,
  Progressing = true,
  RolloutInProgress = true,
  Unschedulable = true,
}

local function health(status, message)
  return { status = status, message = message }
end

local ready = nil
for _, condition in ipairs((obj.status or {}).conditions or {}) do
  if condition.type == "Ready" then ready = condition end
end

if ready == nil or ready.observedGeneration ~= obj.metadata.generation then
  return health("Progressing", "Waiting for the operator to see this generation")
end
if ready.status == "True" then return health("Healthy", ready.message) end
local message = ready.reason .. ": " .. (ready.message or "")
if suspended[ready.reason] then return health("Suspended", message) end
if progressing[ready.reason] then return health("Progressing", message) end
return health("Degraded", message)
