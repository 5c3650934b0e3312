// For the browser inside Excel 2016 and 2019, which knows no modules: it runs this file instead of start.js.
(function () {
  var room = document.getElementById('panel');
  room.textContent = 'This Excel is too old for Cellback. Open the workbook in Excel on the web, or update Excel (File, Account, Update Options).';
  room.className = 'too-old';
})();
