// Sends what Kitsu sends: a form into a new tab, or JSON with credentials whose answer nobody looks at.
const data = JSON.parse(document.getElementById("data").textContent);
const tasks = document.getElementById("tasks");
const status = document.getElementById("status");

for (const [i, task] of data.tasks.entries()) {
  const row = tasks.insertRow();
  const box = Object.assign(document.createElement("input"), { type: "checkbox", id: `task-${i}`, value: task.id });
  box.checked = task.entity.endsWith("SH010");
  row.insertCell().append(box);
  for (const text of [task.entity, task.type]) {
    row.insertCell().append(Object.assign(document.createElement("label"), { htmlFor: box.id, textContent: text }));
  }
}

const selected = () => data.tasks.filter((_, i) => document.getElementById(`task-${i}`).checked);

function sendForm(url, chosen) {
  const form = Object.assign(document.createElement("form"), { method: "POST", action: url, target: "_blank" });
  const fields = {
    personid: data.person.id,
    personemail: data.person.email,
    projectid: chosen[0].project,
    currentpath: "/my-tasks",
    currentserver: location.host,
    selection: chosen.map((task) => task.id).join(","),
    entitytype: chosen[0].for,
  };
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(form);
  form.submit();
  form.remove();
}

function sendJson(url, chosen) {
  const request = new XMLHttpRequest();
  request.open("POST", url);
  request.withCredentials = true;
  request.setRequestHeader("Content-Type", "application/json");
  request.send(JSON.stringify({
    entitytype: chosen[0].for,
    originurl: "/my-tasks",
    originserver: location.host,
    selection: chosen.map((task) => task.id),
    productionid: chosen[0].project,
    userid: data.person.id,
    useremail: data.person.email,
  }));
}

for (const action of data.actions) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: action.title });
  button.addEventListener("click", () => {
    const chosen = selected();
    status.textContent = chosen.length ? `${action.title}: ${chosen.length} selected` : "Select at least one task first.";
    if (chosen.length) (action.ajax ? sendJson : sendForm)(action.url, chosen);
  });
  document.getElementById("actions").append(button);
}
